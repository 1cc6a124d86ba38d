"""Problems are counted once for each resource, and named up to five times."""

from __future__ import annotations

import pytest

from fhir_mappings.issues import DataIssue, IssueKind, IssueLog

BROKEN, FUTURE = IssueKind.BROKEN, IssueKind.FUTURE


@pytest.mark.parametrize(
    ("added", "issues"),
    [
        ([], ()),
        ([(BROKEN, "ice", "O/1")], (DataIssue(BROKEN, "ice", 1, ("O/1",)),)),
        ([(BROKEN, "ice", "O/1")] * 3, (DataIssue(BROKEN, "ice", 1, ("O/1",)),)),
        ([(BROKEN, "ice", "")] * 3, (DataIssue(BROKEN, "ice", 3),)),
        (
            [(BROKEN, "ice", "O/2"), (BROKEN, "ice", ""), (BROKEN, "ice", "O/1")],
            (DataIssue(BROKEN, "ice", 3, ("O/1", "O/2")),),
        ),
        (
            [(BROKEN, "ice", f"O/{n}") for n in (6, 2, 5, 1, 4, 3)],
            (DataIssue(BROKEN, "ice", 6, ("O/1", "O/2", "O/3", "O/4", "O/5")),),
        ),
        (
            [(FUTURE, "capd", ""), (BROKEN, "ice", "O/1"), (BROKEN, "capd", "O/1")],
            (
                DataIssue(BROKEN, "capd", 1, ("O/1",)),
                DataIssue(BROKEN, "ice", 1, ("O/1",)),
                DataIssue(FUTURE, "capd", 1),
            ),
        ),
    ],
)
def test_problems_are_counted_sorted_and_named(
    added: list[tuple[IssueKind, str, str]], issues: tuple[DataIssue, ...]
) -> None:
    log = IssueLog()
    for kind, label, ref in added:
        log.add(kind, label, ref)
    assert log.issues() == issues


@pytest.mark.parametrize(
    ("taken", "issue"),
    [
        (DataIssue(BROKEN, "ice", 1, ("O/1",)), DataIssue(BROKEN, "ice", 1, ("O/1",))),
        (DataIssue(BROKEN, "ice", 1, ("O/2",)), DataIssue(BROKEN, "ice", 2, ("O/1", "O/2"))),
        (DataIssue(BROKEN, "ice", 3), DataIssue(BROKEN, "ice", 4, ("O/1",))),
        (DataIssue(BROKEN, "ice", 3, ("O/2",)), DataIssue(BROKEN, "ice", 4, ("O/1", "O/2"))),
    ],
)
def test_issues_of_a_page_are_taken_over(taken: DataIssue, issue: DataIssue) -> None:
    log = IssueLog()
    log.add(BROKEN, "ice", "O/1")
    log.extend([taken])
    assert log.issues() == (issue,)
