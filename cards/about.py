"""What `/about` says of the service: intended use and user, how it works, and its limits."""

from __future__ import annotations

from collections.abc import Mapping

ABOUT: Mapping[str, tuple[str, ...]] = {
    "Intended use": (
        "Grades cytokine release syndrome (CRS) and ICANS by the ASTCT 2019 consensus from what "
        "is charted after a CAR-T infusion, shows what each grade rests on and what is missing, "
        "offers options of named sources as drafts for review, and comments on orders.",
        "It matches charted data against published guidance. It does not predict, monitor or "
        "alarm, and it never blocks an order.",
        "Every card holds only if the finding is not better explained by another cause.",
    ),
    "Intended user": (
        "Physicians, nurses and pharmacists who care for patients after CAR-T and can judge each "
        "card by its basis: the values with their times, the rule, and the source with year and "
        "link.",
        "A clinician confirms before acting. Not for patients or their relatives.",
    ),
    "How it works": (
        "A grade is a range: what is missing or not read never lowers a grade, it widens the range "
        "and is named.",
        "Published tables are data, conditions are code, numbers are parameters; all three stand "
        "beside each other on the rule page.",
        "What was not read in a source is off until a site turns it on, and is called unverified "
        "then.",
    ),
    "What is used of a patient": (
        "Age decides the line of blood pressure, ICE or CAPD, and whether an adult dose may be "
        "shown. Weight decides the dose of tocilizumab.",
        "Sex, gender, race, ethnicity, language and social circumstances are not read.",
    ),
    "Limits": (
        "Only patients with a charted CAR-T infusion in the grading window; bispecific antibodies "
        "are out of scope.",
        "Charted values are taken as they are: a wrong entry makes a wrong grade. Free text is "
        "read only where a code is missing, and is marked so.",
        "Grade 5 is never assigned. Allergies, kidney and liver function are not checked.",
        "NCCN guidance was read in a secondary restatement, product labels were not read; both are "
        "to be checked against the originals before clinical use.",
        "Tested on synthetic charts only. No clinical evaluation has been done.",
    ),
}
