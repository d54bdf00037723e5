"""The words that English demo data is made of. No person in it is anybody: names are drawn from these lists."""

# ruff: noqa: SIM905 (words read better as words)

FIRST_NAMES = {
    "male": (
        "Adam Adrian Alan Albert Alexander Andrew Anthony Arthur Ben Brian Carl Charles Colin Daniel David Dennis "
        "Edward Eric Frank George Graham Harry Henry Howard Ian Isaac Jack James Joel John Joseph Keith Leo Lewis Luke "
        "Mark Martin Matthew Max Neil Oliver Oscar Patrick Paul Peter Philip Ralph Robert Samuel Simon Theo Thomas "
        "Victor"
    ).split(),
    "female": (
        "Abigail Alice Amanda Amy Anna Beatrice Bella Carol Caroline Charlotte Clara Daisy Diana Edith Eleanor "
        "Elizabeth Ella Emily Emma Esther Eva Fiona Florence Frances Grace Hannah Harriet Helen Holly Irene Isabel Ivy "
        "Jane Jessica Joan Julia Karen Kate Laura Lily Linda Lucy Margaret Martha Mary Megan Molly Nancy Nora Olivia "
        "Penelope Rachel Rose Ruth Sarah Sophie Stella Susan Sylvia Teresa Violet Zoe"
    ).split(),
}
LAST_NAMES = (
    "Abbott Adams Aldridge Archer Atkins Bailey Baker Barker Barnes Bates Bell Bennett Berry Bishop Blackwell Bond "
    "Booth Bowen Bradley Briggs Brooks Burton Butcher Byrne Carpenter Carter Chambers Chapman Clarke Cole Collins "
    "Cooper Cox Crawford Cross Curtis Dale Davies Dawson Day Dixon Drake Dunn Eaton Edwards Elliott Ellis Evans Farmer "
    "Fields Finch Fisher Fletcher Foster Fox Frost Fuller Gardner Gibson Gilbert Goodwin Gordon Graham Grant Green "
    "Griffin Hale Hall Hammond Harper Harris Hart Hayes Heath Hill Holland Holmes Hooper Hudson Hughes Hunter Hurst "
    "Ingram Jennings Johnson Keller Kemp Kent King Knight Lamb Lane Larson Lawson Lee Lloyd Long Lowe Marsh Marshall "
    "Mason Mercer Miller Mills Moore Morgan Morris Nash Newman Nichols Norris Norton Oakley Osborne Owens Page Palmer "
    "Parker Parsons Payne Pearson Perry Pierce Poole Porter Potter Powell Price Quinn Ramsey Reed Reynolds Rhodes "
    "Rivers Roberts Rowe Russell Sanders Sawyer Shaw Shepherd Short Simmons Slater Spencer Stone Sutton Swan Tanner "
    "Taylor Thornton Todd Turner Underwood Vance Vaughan Wade Walker Wallace Walsh Walton Ward Warren Watts Weaver "
    "Webb Wells West Wheeler White Winter Wood Woodward Wright Yates York Young"
).split()
STREETS = (
    "Oak Maple Cedar Birch Elm Willow Park Lake Hill River Meadow Garden Church School Mill Orchard Station Bridge "
    "Spring Forest"
).split()

BRANCHES = ("Garden Street", "Forest Street", "River Street", "School Street")
SPECIALIZATIONS = (
    ("General practice", "Check-ups, prevention, vaccination"),
    ("Surgery", "Operations, bandages, injuries"),
    ("Dermatology", "Skin, ears, allergies"),
    ("Cardiology", "Heart and vessels, ECG, echocardiography"),
    ("Dentistry", "Teeth and mouth"),
    ("Small mammals", "Rodents, rabbits, ferrets"),
)
PET_NAMES = {
    "cat": (
        "Whiskers Tiger Mittens Smokey Luna Shadow Pepper Ginger Misty Oreo Simba Cleo Felix Patches Socks Willow Nala "
        "Pumpkin Jasper Biscuit Olive Hazel Poppy Ziggy Mochi Salem Binx Marmalade Domino Toffee Sooty Figaro Pearl"
    ).split(),
    "dog": (
        "Rex Buddy Max Bella Charlie Rocky Duke Molly Bailey Sadie Cooper Daisy Toby Lucky Scout Bear Ruby Jake "
        "Winston Rosie Murphy Gus Penny Zeus Hunter Maggie Otis Bonnie Ace Rusty Finn Banjo Teddy Marley Trixie Boomer "
        "Ranger"
    ).split(),
    "rabbit": "Thumper Clover Bunny Cottontail Hopper Snowball Flopsy Carrot Nibbles Bramble".split(),
    "rodent": "Peanut Nugget Squeaky Hammy Cookie Popcorn Pip Chip Dale Gizmo Fudge Acorn".split(),
    "bird": "Kiwi Mango Sunny Rio Polly Skye Tweety Captain Coco Echo".split(),
    "reptile": "Sheldon Spike Rango Turbo Iggy Rocket Pebble Draco Ziggy Norbert".split(),
}
BREEDS = {
    "cat": (
        "Mixed",
        "Mixed",
        "British Shorthair",
        "Maine Coon",
        "Scottish Fold",
        "Siberian",
        "Sphynx",
        "Abyssinian",
        "Bengal",
        "Siamese",
    ),
    "dog": (
        "Mixed",
        "Mixed",
        "Labrador Retriever",
        "Yorkshire Terrier",
        "German Shepherd",
        "Dachshund",
        "Pembroke Welsh Corgi",
        "Jack Russell Terrier",
        "Pomeranian",
        "French Bulldog",
        "Beagle",
        "Siberian Husky",
    ),
    "rabbit": ("Netherland Dwarf", "Holland Lop", "Rex"),
    "rodent": ("Guinea pig", "Hamster", "Rat", "Chinchilla", "Degu"),
    "bird": ("Budgerigar", "Cockatiel", "Grey parrot", "Canary"),
    "reptile": ("Red-eared slider", "Leopard gecko", "Bearded dragon", "Tortoise"),
}
COLORS = ("black", "white", "ginger", "grey", "calico", "black and white", "fawn", "brown", "tabby")

# Reasons as reception writes them, by the usual reason that sets the visit's length.
REASONS = {
    "check_up": (
        "Check-up",
        "Yearly check-up",
        "Tired, eats little",
        "Scratches ears",
        "Cough",
        "Limps",
        "Vomits",
        "Itch",
    ),
    "vaccine": ("Vaccination",),
    "recheck": ("Recheck", "Recheck after treatment", "Stitches out"),
    "lab_tests": ("Lab tests", "Blood test", "Urine test"),
    "ultrasound": ("Ultrasound", "Ultrasound of the abdomen"),
    "grooming": ("Nails, grooming", "Nail trim"),
    "surgery": ("Surgery", "Planned surgery"),
    "other": ("Advice", "Microchip", "Passport"),
}
# (diagnosis, prescription, notes)
FINDINGS = {
    "check_up": (
        ("Clinically healthy.", "Tick and worm prevention as scheduled.", "Nothing unusual found."),
        ("Otitis externa, both ears.", "Ear drops twice a day for 10 days. Recheck in 2 weeks.", "Smear taken."),
        ("Gastroenteritis.", "Bland diet for 5 days in small meals. Adsorbent 3 times a day.", "Soft belly, T 38.9."),
        ("Atopic dermatitis, flare.", "Medicated shampoo twice a week, watch the itch.", "Itch 6 of 10."),
        ("Sprain of a front leg.", "Rest for 10 days, anti-inflammatory with food.", "No fracture seen."),
        ("Gingivitis, tartar grade 2.", "Teeth cleaning under sedation, paste every day.", "No loose teeth."),
        ("Cystitis.", "Plenty of water, prescription diet. Urine test in 10 days.", "Bladder small and painful."),
        ("Overweight.", "Ration at 80 % of the norm, weigh every month.", "Body condition 7 of 9."),
    ),
    "vaccine": (("Healthy, fit for vaccination.", "No bath for 7 days, keep warm.", "No reaction within 20 minutes."),),
    "recheck": (
        ("Getting better.", "Finish the course.", "No complaints."),
        ("Recovered.", "Treatment is over.", "Wound dry, stitches out."),
    ),
    "lab_tests": (
        ("Values within the norm.", "Repeat in a year.", "Blood taken on an empty stomach."),
        ("Kidney values raised.", "Prescription diet, recheck in a month.", "Sample sent to the laboratory."),
    ),
    "ultrasound": (
        ("No abnormality found.", "Observe.", "All organs of the abdomen seen."),
        ("Sand in the bladder.", "Prescription diet for 2 months, then ultrasound again.", "Bladder wall 2 mm."),
    ),
    "grooming": (("Healthy.", "Trim nails every 6 weeks.", "Stayed calm."),),
    "surgery": (
        (
            "Operation without complications.",
            "Body suit for 10 days, clean the wound daily, stitches out on day 12.",
            "—",
        ),
    ),
    "other": (("Clinically healthy.", "Advice given.", "Papers made."),),
}
CREDITED = ("The drug was from an old batch", "Not done after all", "Entered twice", "Agreed with the owner")
VOIDED = ("Made out to the wrong owner", "Issued by mistake")
MISCOUNTED = ("Wrong change given", "Change was taken from the till, back tomorrow", "Nobody knows why")
RETURNED = ("The owner asked for the rest", "No more visits planned")
CANCELLED = ("Owner moved the visit", "Owner is ill", "The animal is better", "Could not come")
UNITS = {
    "visit": "visit",
    "once": "service",
    "test": "test",
    "dose": "dose",
    "ml": "ml",
    "pill": "tablet",
    "day": "day",
}
SERVICES = {
    "exam": "Examination",
    "exam-repeat": "Repeated examination",
    "exam-specialist": "Examination by a specialist",
    "exam-specialist-repeat": "Repeated examination by a specialist",
    "exam-urgent": "Urgent examination",
    "advice": "Advice without the animal",
    "second-opinion": "Second opinion on tests and images",
    "vaccine-cat": "Core vaccination of a cat",
    "vaccine-dog": "Core vaccination of a dog",
    "vaccine-rabies": "Rabies vaccination",
    "vaccine-rabbit": "Vaccination of a rabbit",
    "vaccine-kennel-cough": "Kennel cough vaccination",
    "blood-count": "Complete blood count",
    "blood-chemistry": "Blood chemistry",
    "urine": "Urinalysis",
    "stool": "Stool test for parasites",
    "cytology": "Cytology",
    "skin-scrape": "Skin scrape",
    "ear-smear": "Ear smear",
    "culture": "Culture and sensitivity",
    "hormones": "Thyroid hormones",
    "pcr": "PCR for an infection",
    "rapid-test": "Rapid virus test",
    "ultrasound-abdomen": "Ultrasound of the abdomen",
    "ultrasound-heart": "Echocardiography",
    "ultrasound-organ": "Ultrasound of one organ",
    "x-ray": "X-ray, one view",
    "x-ray-two": "X-ray, two views",
    "ecg": "Electrocardiography",
    "castration-cat": "Castration of a cat",
    "castration-dog": "Castration of a dog",
    "spay-cat": "Spay of a cat",
    "spay-dog": "Spay of a dog",
    "wound": "Surgical care of a wound",
    "stitches-out": "Removal of stitches",
    "bandage": "Bandage",
    "lump": "Removal of a skin lump",
    "anaesthesia": "General anaesthesia",
    "sedation": "Sedation",
    "injection": "Injection under the skin or into a muscle",
    "injection-vein": "Injection into a vein",
    "drip": "Drip",
    "catheter": "Placing of a venous catheter",
    "bladder-catheter": "Catheter of the bladder",
    "physiotherapy": "Physiotherapy session",
    "hospital-day": "Hospital stay",
    "teeth-cleaning": "Ultrasonic teeth cleaning",
    "tooth-out": "Extraction of a tooth",
    "tooth-polish": "Teeth polishing",
    "nails": "Nail trim",
    "ears": "Ear cleaning",
    "wash": "Hygienic wash",
    "trim": "Removal of matted hair",
    "antibiotic": "Antibiotic for injection",
    "painkiller": "Painkiller for injection",
    "antiemetic": "Antiemetic for injection",
    "antiparasitic": "Tablet against ticks and fleas",
    "deworming": "Tablet against worms",
    "microchip": "Microchip with registration",
    "passport": "Pet passport",
    "collar": "Protective collar",
}


def last_name(name: str, gender: str) -> str:
    return name


def address(street: str, house: int, flat: int) -> str:
    return f"{house} {street} Street, flat {flat}"


def phone(draw) -> str:
    """555-0100 to 555-0199 of every area are kept free for stories."""
    return f"+1{200 + int(draw.random() * 800)}55501{int(draw.random() * 100):02}"


ALERTS = (
    ("allergy", "amoxicillin"),
    ("allergy", "chicken protein"),
    ("allergy", "vaccine: swelling of the face"),
    ("bites", "when blood is drawn"),
    ("bites", ""),
    ("chronic", "kidney disease, stage 2"),
    ("chronic", "diabetes, insulin twice a day"),
    ("chronic", "epilepsy"),
    ("other", "afraid of dogs, let in by the back door"),
)
