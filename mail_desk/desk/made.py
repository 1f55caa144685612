"""What one transaction made for people to handle: documents of formal notices, files of letters."""

from __future__ import annotations

from dataclasses import dataclass

from mail_desk.outbound.letters import File


@dataclass
class Made:
    """The Word document of a notice, on its way to who handles the ticket."""

    ticket: int
    name_zh: str
    name_en: str
    number: str
    waits: str  # "", required, optional: see policy.Form.scan
    file: File | None  # None: its template is broken
    shown: bool = False  # it went to somebody
    told: bool = False  # whoever decided was told of it

    def said(self, *, zh: bool) -> str:
        """Say what the reader has to do with it."""
        return self._zh() if zh else self._en()

    def _zh(self) -> str:
        head = f"《{self.name_zh}》编号：{self.number}。"
        if self.file is None:
            head += "Word 模板有误，没有生成文件（已通知管理员），请自行拟文。"
        if not self.waits:
            return head + ("" if self.file is None else "Word 文件随附，供签章存档。")
        what = "请打印随附的 Word 文件，" if self.file is not None else "请打印，"
        head += f"{what}签字盖章后扫描，把扫描件作为附件回复本信，第一行写“发文”。通知此前不会发出，期限照常计算。"
        return head + ("不附扫描件而写“发文”，则只发信件。" if self.waits == "optional" else "")

    def _en(self) -> str:
        head = f"{self.name_en}: {self.number}. "
        if self.file is None:
            head += "Its Word template is broken, so there is no document (the operator knows); please write it yourself. "
        if not self.waits:
            return head.rstrip() + (
                "" if self.file is None else " The Word document is attached, for the file."
            )
        head += (
            "Print it, have it signed and sealed, scan it, and answer this mail with the scan attached and "
            "“dispatch” on the first line. Until then the notice does not leave; the clock runs on."
        )
        return head + (
            " “dispatch” without a scan sends the letter alone." if self.waits == "optional" else ""
        )
