"""Card text may be laid out; it may not act."""

from __future__ import annotations

import pytest

from sandbox.markdown import as_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**CRS grade 2**: low", "<p><strong>CRS grade 2</strong>: low</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
        (
            "[x](https://a.example.org)",
            '<p><a href="https://a.example.org" rel="noopener noreferrer">x</a></p>\n',
        ),
    ],
)
def test_text_is_laid_out(text: str, html: str) -> None:
    assert as_html(text) == html


def test_a_table_is_a_table() -> None:
    assert "<td>2</td>" in as_html("| a |\n| --- |\n| 2 |")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "![x](https://a.example.org/x.png)",
        "<a href='https://a.example.org' onclick=alert(1)>x</a>",
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_in_it_acts_or_loads(text: str) -> None:
    html = as_html(text)

    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert "<a " not in html
