"""What is accepted as evidence: by content, by name, by size. Nothing hostile gets in under any name."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from tests.recommendations.offered import HONEST, HOSTILE, docx, jpg, pdf, png, upload, xlsx
from tracker.recommendations.evidence.files import checked, shown_name


@pytest.mark.parametrize("name", HONEST)
def test_valid_file_is_recognised(name: str) -> None:
    file = checked(upload(name, HONEST[name]))
    ending = name.rpartition(".")[2].lower()
    assert (file.name, file.size) == (name, len(HONEST[name]))
    assert file.kind == {"jpeg": "jpg"}.get(ending, ending)
    assert len(file.sha256) == 64


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_file_is_refused_with_a_reason(what: str) -> None:
    name, content, why = HOSTILE[what]
    with pytest.raises(ValidationError) as refused:
        checked(upload(name, content))
    (message,) = refused.value.messages
    assert message.startswith("You cannot upload “")
    assert why in message


@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_image_too_large_to_draw_is_refused(kind: str) -> None:
    def image(width: int, height: int) -> bytes:
        return png(size=(width, height)) if kind == "png" else jpg(shape=(width, height))

    assert checked(upload(f"a.{kind}", image(10_000, 10_000))).kind == kind
    with pytest.raises(ValidationError, match=r"the image is 60000 x 60000 pixels\. Make it smaller"):
        checked(upload(f"a.{kind}", image(60_000, 60_000)))


@pytest.mark.parametrize(
    ("ending", "content"), [("pdf", pdf()), ("png", png()), ("jpg", jpg()), ("xlsx", xlsx()), ("docx", docx())]
)
def test_no_file_is_accepted_when_it_is_cut_short_anywhere(ending: str, content: bytes) -> None:
    # What ends in a line break is whole without it.
    for size in range(1, len(content.rstrip(b"\n"))):
        with pytest.raises(ValidationError):
            checked(upload(f"a.{ending}", content[:size]))


@pytest.mark.parametrize(
    ("offered", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        (r"C:\Users\me\Report v1.2.pdf", "Report v1.2.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("con.txt", "_con.txt"),
        ("LPT1.pdf", "_LPT1.pdf"),
        ("console.txt", "console.txt"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("a\0.pdf", "a.pdf"),
        ("zero\u200bwidth.pdf", "zerowidth.pdf"),
        ('a<b>"c|d?e*f:g.pdf', "a_b__c_d_e_f_g.pdf"),
        ("  spaced   out . pdf", "spaced out. pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
        ("x" * 300, "x" * 100),
        ("...", "_"),
        ("", "_"),
    ],
)
def test_file_name_is_only_displayed(offered: str, shown: str) -> None:
    assert shown_name(offered) == shown


@pytest.mark.parametrize("letter", [chr(n) for n in (*range(32), 127, 0x202E, 0x2066, 0xFEFF, 0xD800, 0x2028)])
def test_file_name_has_no_invisible_characters(letter: str) -> None:
    shown = shown_name(f"a{letter}b.pdf")
    assert shown.replace(" ", "") == "ab.pdf"
    assert not [c for c in shown if unicodedata.category(c)[0] == "C"]
