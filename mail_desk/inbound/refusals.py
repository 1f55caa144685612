"""Why a mailbox could not be used, in words for the person who runs the desk.

Two exceptions, because there are two things to do: wait and try again, or call somebody. Nothing
here talks to a server. Response codes are those of RFC 5530; the Chinese providers send none of
them, so their sentences are matched as well. Answers come in UTF-8 or in GBK, whatever RFC 3501 says.
"""

from __future__ import annotations

import ast
import re
import socket
import ssl


class RefusedCredentials(Exception):  # noqa: N818 - it names the event, as a person reads it in the log
    """The server knows us and says no: a person must act; trying again makes it worse."""

    def __init__(self, explanation: str) -> None:
        super().__init__(explanation)
        self.explanation = explanation


class MailboxUnavailable(Exception):  # noqa: N818 - likewise
    """Network, TLS or server: try again later, with back-off.

    `needs_person`: it will not pass by itself, as a certificate that has expired.
    """

    def __init__(self, explanation: str, *, needs_person: bool = False) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.needs_person = needs_person


_BYTES_REPR = re.compile(r"""\[?b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]?""")


def server_words(error: BaseException) -> str:
    """Return what the server said. imaplib wraps it as the repr of bytes: unwrap, then decode."""

    def unwrap(match: re.Match[str]) -> str:
        literal = match.group().removeprefix("[").removesuffix("]")
        return decode_answer(ast.literal_eval(literal))

    first = error.args[0] if error.args else ""
    if isinstance(first, bytes):
        return decode_answer(first)
    return _BYTES_REPR.sub(unwrap, str(error)).strip()


def decode_answer(answer: bytes) -> str:
    """Decode a server's free text: UTF-8, else GB18030, which holds GBK and GB2312."""
    try:
        return answer.decode("utf-8").strip()
    except UnicodeDecodeError:
        return answer.decode("gb18030", "replace").strip()


# A refused log-in that says one of these passes by itself.
_PASSES = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|temporar|try (again )?later|too many"
    r"|timed? ?out|server busy|internal (server )?error|稍后|繁忙|频繁|超时|过多|连接数",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"unsafe login|kefu@188\.com", re.IGNORECASE)


def login_refused(error: BaseException, login: str, access: str) -> RefusedCredentials | MailboxUnavailable:
    """Tell a wrong secret from a server that has no time. `access` is the preset's advice."""
    words = server_words(error)
    # QQ puts every cause into one sentence, "system is busy" among them: its "password is incorrect"
    # decides, as hammering on it blocks the account.
    if _PASSES.search(words) and "password" not in words.lower():
        return MailboxUnavailable(f"the server could not log {login} in just now and says: {words}")
    return RefusedCredentials(f"the server refuses the log-in of {login} and says: {words} - {access}")


def command_refused(error: BaseException, doing: str, access: str) -> RefusedCredentials | MailboxUnavailable:
    """Turn a NO or BAD to any other command into one of the two."""
    words = server_words(error)
    if _UNSAFE.search(words):
        return RefusedCredentials(
            f"the provider let us in but then blocked the mailbox as an unsafe log-in while {doing}, and "
            f"says: {words} - {access}; if that is already so, sign in on the web page once and confirm "
            "the warning there"
        )
    return MailboxUnavailable(f"the server refused while {doing} and says: {words}")


def connection_failed(error: BaseException, doing: str, host: str, port: int) -> MailboxUnavailable:
    """Turn an error of sockets, TLS or imaplib's connection into plain words."""
    refused = isinstance(error, ssl.SSLCertVerificationError)
    return MailboxUnavailable(f"{_cause(error, host, port)} (while {doing})", needs_person=refused)


def _cause(error: BaseException, host: str, port: int) -> str:
    at = f"{host} port {port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {at} is not accepted: {_certificate(error)}"
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return f"{at} does not speak TLS: the port or the security setting is wrong"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection to {at}: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return f"the name {host} was not found: a typing error, or no name server answers"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {at}: the server is down or the port is wrong"
    if isinstance(error, TimeoutError):
        return f"{at} did not answer in time"
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return f"{at} broke the connection off"
    words = server_words(error)
    if "EOF" in words or "unterminated line" in words:  # imaplib's words, perhaps with mail in them
        return f"{at} closed the connection"
    return f"{at}: {words or type(error).__name__}"


_CERTIFICATE = {  # OpenSSL's X509_V_ERR_*
    9: "it is not valid yet; is this machine's clock right?",
    10: "it has expired",
    18: "it is self-signed; name it in ca_file if it is yours",
    19: "its issuer is not trusted; name the issuer in ca_file if it is yours",
    20: "its issuer is not trusted; name the issuer in ca_file if it is yours",
    21: "its issuer is not trusted; name the issuer in ca_file if it is yours",
    62: "it belongs to another host name",
    64: "it belongs to another host address",
}


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    return _CERTIFICATE.get(error.verify_code, error.verify_message)
