"""What stands behind `拆分`: files and mails in front, then the subject, then words for the new handler."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_desk.tickets.splitting import Splitting, read

FILES = ("合同.pdf", "退税申请表.xlsx", "photo 1.jpg")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("附件2、附件3 增值税退税迟延", Splitting((2, 3), (), (), "增值税退税迟延", "")),
        ("附件2 附件3：增值税退税迟延", Splitting((2, 3), (), (), "增值税退税迟延", "")),
        ("附件２、３ 退税迟延", Splitting((2, 3), (), (), "退税迟延", "")),
        ("附件2和3，退税迟延", Splitting((2, 3), (), (), "退税迟延", "")),
        ("附件2、3月账单有误", Splitting((2,), (), (), "3月账单有误", "")),
        ("attachments 2, 3 Delay of VAT refund", Splitting((2, 3), (), (), "Delay of VAT refund", "")),
        ("file 2 and 3: Delay", Splitting((2, 3), (), (), "Delay", "")),
        ("M12-1 M12-2 退税", Splitting((), ((12, 1), (12, 2)), (), "退税", "")),
        ("m12 m13 a further matter", Splitting((), ((12, None), (13, None)), (), "a further matter", "")),
        ("M12", Splitting((), ((12, None),), (), "", "")),
        ("《退税申请表.xlsx》 退税迟延", Splitting((), (), ("退税申请表.xlsx",), "退税迟延", "")),
        ("合同.pdf、photo 1.jpg 合同纠纷", Splitting((), (), ("合同.pdf", "photo 1.jpg"), "合同纠纷", "")),
        ("退税迟延，见附件2", Splitting((), (), (), "退税迟延，见附件2", "")),
        (
            "附件2 退税迟延\n请李强先看附件\n再联系",
            Splitting((2,), (), (), "退税迟延", "请李强先看附件\n再联系"),
        ),
        ("附件2、3", Splitting((2, 3), (), (), "", "")),
        ("Mr Smith was not paid", Splitting((), (), (), "Mr Smith was not paid", "")),
    ],
)
def test_files_stand_in_front_and_the_rest_of_the_line_is_the_subject(
    words: str, expected: Splitting
) -> None:
    assert read(words, FILES) == expected


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_no_words_are_lost_and_none_make_it_fail(words: str, names: list[str]) -> None:
    found = read(words, names)
    assert found.subject in words
    assert all(name in names for name in found.names)
    assert len(found.note) <= len(words)
