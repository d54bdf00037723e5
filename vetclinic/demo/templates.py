"""Text templates of the demo, a block each: title, species if it is of one; diagnosis; notes; then the prescription."""

from collections.abc import Iterator

NOTHING = "-"

EN = """
Gastritis
Acute gastritis.
-
Fast for 12 hours, water in small portions.
Then a gastrointestinal diet for 5 days, 4 small meals a day.
Recheck in 48 hours, at once if vomiting returns.

Cystitis
Cystitis.
Bladder small and painful.
Plenty of water, urinary diet.
Urine test in 10 days.

Idiopathic cystitis, cat
Idiopathic cystitis of the cat.
-
More water: several bowls, wet food.
A calm place, two litter trays.
Recheck in 7 days, at once if there is no urine for 12 hours.

Otitis
Otitis externa.
Smear taken.
Clean the ears with lotion once a day.
Ear drops twice a day for 10 days.
Recheck with a smear in 2 weeks.

After surgery
-
-
Body suit or collar for 10 days.
Clean the wound once a day.
No jumping, no long walks.
Stitches out on day 12.

Dermatitis
Atopic dermatitis, flare.
-
Medicated shampoo twice a week, 10 minutes.
Antiparasitic on schedule.
Watch the itch, recheck in 3 weeks.

Healthy
Clinically healthy.
Nothing unusual found.
Tick and worm prevention as scheduled.
Next check-up in a year.

Vaccinated
Healthy, fit for vaccination.
No reaction within 20 minutes.
No bath for 7 days, keep warm.
Call if tired for longer than a day.

Tartar
Gingivitis, tartar.
No loose teeth.
Teeth cleaning under sedation.
Paste and brush every day.

Sprain, dog
Sprain of a leg.
No fracture seen.
Rest for 10 days, on the lead only.
Anti-inflammatory with food for 5 days.
X-ray if it still limps in a week.

Kidneys, cat
Chronic kidney disease.
-
Renal diet for life, water freely.
Blood and urine tests in a month.

Moult, bird
Moult.
-
Vitamins with food for 14 days.
Bath every other day, no draughts.

Incisors, rodent
Overgrown incisors.
-
Hay freely, hard chews.
Trim again in 6 weeks.
"""

RU = """
Гастрит
Острый гастрит.
-
Голод 12 часов, вода малыми порциями.
Затем диета для желудка 5 дней, дробно 4 раза в день.
Повторный приём через 48 часов, при рвоте сразу.

Цистит
Цистит.
Мочевой пузырь мал, болезнен.
Обильное питьё, урологическая диета.
Анализ мочи через 10 дней.

Идиопатический цистит, cat
Идиопатический цистит кошек.
-
Больше воды: несколько мисок, влажный корм.
Покой, два лотка.
Повторный приём через 7 дней; если мочи нет 12 часов, сразу.

Отит
Наружный отит.
Взят мазок.
Чистить уши лосьоном раз в день.
Капли в уши 2 раза в день 10 дней.
Повторный мазок через 2 недели.

После операции
-
-
Попона или воротник 10 дней.
Обрабатывать шов раз в день.
Без прыжков и долгих прогулок.
Снятие швов на 12-й день.

Дерматит
Атопический дерматит, обострение.
-
Лечебный шампунь 2 раза в неделю, 10 минут.
Защита от паразитов по графику.
Следить за зудом, повторно через 3 недели.

Здоров
Клинически здоров.
Без особенностей.
Защита от клещей и глистов по графику.
Следующий осмотр через год.

Вакцинация
Здоров, допущен к вакцинации.
20 минут под наблюдением, реакции нет.
Не купать 7 дней, не переохлаждать.
Если вял дольше суток, позвонить.

Зубной камень
Гингивит, зубной камень.
Шатающихся зубов нет.
Чистка зубов под седацией.
Паста и щётка каждый день.

Растяжение, dog
Растяжение связок конечности.
Признаков перелома нет.
Покой 10 дней, только на поводке.
Противовоспалительное с кормом 5 дней.
Если хромает через неделю, рентген.

Почки, cat
Хроническая болезнь почек.
-
Почечная диета пожизненно, вода без ограничений.
Кровь и моча через месяц.

Линька, bird
Линька.
-
Витамины с кормом 14 дней.
Купание через день, без сквозняков.

Резцы, rodent
Избыточный рост резцов.
-
Сено вволю, твёрдые погрызушки.
Подточить снова через 6 недель.
"""


def template_rows(language: str) -> Iterator[tuple]:
    for block in (RU if language.startswith("ru") else EN).strip().split("\n\n"):
        head, diagnosis, notes, *prescription = ("" if line == NOTHING else line for line in block.splitlines())
        title, _comma, species = head.partition(", ")
        yield title, species, diagnosis, "\n".join(prescription), notes
