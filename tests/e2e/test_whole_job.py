"""The whole job in a real browser on imported animals: book, record, treat, invoice, pay, income, prices."""

import re

import pytest

from tests.e2e.conftest import sign_in, sign_out, watch

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_whole_job_on_imported_animals(staffed, browser, browser_context_args, javascript):
    context = browser.new_context(**browser_context_args, java_script_enabled=javascript)
    page = context.new_page()
    faults = watch(page)
    price = "1250.50" if javascript else "980"

    sign_in(page, "admin")
    code = "exam-js" if javascript else "exam-plain"
    page.goto("/admin/clinic/service/add/")
    page.locator("#id_name").fill(f"Examination {code}")
    page.locator("#id_code").fill(code)
    page.locator("#id_cost").fill(price)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved:").wait_for()
    sign_out(page)

    sign_in(page, "reception")
    page.goto("/book/")
    page.get_by_label("Who is coming?").fill("Leo" if javascript else "Rosy")
    if not javascript:
        page.get_by_role("button", name="Find").click()
    page.locator("#hits label", has_text="Leo" if javascript else "Rosy").click()
    page.locator("#times label").first.click()
    page.get_by_role("button", name="Book the visit").click()
    page.locator(".board").wait_for()
    page.locator(".lane a.ev").last.click()
    page.get_by_role("button", name="Has arrived").click()
    page.get_by_role("link", name="Record").or_(page.get_by_text("Waiting")).first.wait_for()
    visit = re.search(r"/appointments/(\d+)/", page.url).group(1)
    sign_out(page)

    sign_in(page, "vet")
    page.goto(f"/visits/{visit}/")
    page.get_by_role("button", name="Start the visit").click()
    page.get_by_label("Complaint").fill("Does not eat since yesterday")
    page.get_by_label("Diagnosis").fill("Gastritis")
    page.get_by_label("Prescription").fill("Diet for a week")
    if page.locator("#find_service").count():
        page.locator("#find_service").press_sequentially(code)
        page.keyboard.press("Enter")
    else:
        option = page.locator("select[name=service] option").filter(has_text=code).inner_text()
        page.locator("select[name=service]").select_option(label=option)
        page.locator("#bill").get_by_role("button", name="Add the service").click()
    page.locator("#bill .nm", has_text=code).wait_for()
    page.get_by_role("button", name=re.compile("Finish the visit")).click()
    page.get_by_text("The visit is finished").wait_for()
    sign_out(page)

    sign_in(page, "reception")
    page.goto("/invoices/?state=draft")
    page.locator("tbody a").first.click()
    page.get_by_role("button", name=re.compile("Issue")).click()
    page.get_by_label("Amount").fill("100")
    page.get_by_role("button", name=re.compile("payment", re.IGNORECASE)).click()
    page.get_by_text("Part paid").first.wait_for()
    page.get_by_role("button", name=re.compile("payment", re.IGNORECASE)).click()
    page.get_by_text("Paid", exact=True).first.wait_for()
    sign_out(page)

    sign_in(page, "manager")
    page.goto("/income/")
    page.get_by_text(f"Examination {code}").first.wait_for()

    assert faults == []
