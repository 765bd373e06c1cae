"""``curl``: a request of the on-call shell, through the same balancers, queues and pods as the users'.

It counts where servers count and nowhere among users. The line blocks until the answer is there, or curl
gives up, or somebody calls; its row of the table of costs is what typing and reading take at least.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.curl.sending import Options, send
from simulator.drill.console.curl.targets import TRY, known_urls, parse_url
from simulator.drill.console.curl.verbose import printed
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.units import HOUR, MILLISECOND, SECOND

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: After so long a kernel with Linux's defaults gives a connection up: six retries, doubling from a second.
_SYN_TIMEOUT: Final = 127 * SECOND
_LONGEST: Final = HOUR
_METHOD: Final = re.compile(r"[A-Z]{3,10}")
_NOWHERE: Final = ("/dev/null", "-")


def _phrased(error: RefusedError) -> str:
    """A refusal about flags in curl's words."""
    if error.got == "nothing":
        return f"curl: option {error.expected.removeprefix('a value for ')}: requires parameter\n{TRY}"
    return f"curl: option {error.got}: is unknown\n{TRY}"


def _refused(said: str, line: str, expected: str, got: str) -> RefusedError:
    return RefusedError(
        said, where=line, expected=expected, got=got, todo="For example curl -i https://edge/, see help curl."
    )


CURL: Final = family(
    "curl",
    about="One request of your own to a Service or the edge.",
    phrased=_phrased,
)


def seconds(text: str) -> int | None:
    """A length of time as curl's flags take it, in ns: seconds with decimals; None for what is none."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text):
        return None
    whole, _, decimals = text.partition(".")
    return int(whole) * SECOND + int(decimals.ljust(9, "0") or 0)


def _one_url(line: str, arguments: Arguments) -> tuple[str, ...]:
    urls = [*arguments.words, *filter(None, [arguments.text("url")])]
    if len(urls) != 1:
        said = (
            f"curl: (2) no URL specified\n{TRY}"
            if not urls
            else f"curl: one URL a line here, got {len(urls)}"
        )
        raise _refused(said, line, "one URL", str(len(urls)))
    for name in ("max-time", "connect-timeout"):
        if arguments.given(name) and seconds(arguments.text(name)) is None:
            raise _refused(
                f"curl: option --{name}: expected a proper numerical parameter\n{TRY}",
                line,
                "seconds, such as 5 or 0.5",
                repr(arguments.text(name)),
            )
    if arguments.given("output") and arguments.text("output") not in _NOWHERE:
        raise _refused(
            f"curl: (23) Failed to open the file {arguments.text('output')}: Read-only file system",
            line,
            "-o /dev/null: this shell keeps no files",
            repr(arguments.text("output")),
        )
    method = arguments.text("request")
    if arguments.given("request") and not _METHOD.fullmatch(method):
        raise _refused(f"curl: (3) bad method {method!r}", line, "a method such as POST", repr(method))
    parse_url(urls[0], line)
    return tuple(urls)


def _urls(run: Run, before: Sequence[str]) -> Sequence[str]:
    return known_urls(run) if not any("://" in word for word in before) else ()


def _listed(run: Run) -> str:
    return "What answers here:\n" + "\n".join(f"  {url}" for url in known_urls(run))


@CURL.verb(
    "",
    usage="[-sSfikIv] [-X METHOD] [-H HEADER] [-d DATA] [-m SECONDS] [-o /dev/null] [-w FORMAT] URL",
    about="Ask once and print the answer; without -X, -d or -I with the method that the path takes.",
    kind="look",
    cost="curl",
    flags=(
        Flag("silent", "No meter, no errors.", short="s", takes="bool"),
        Flag("show-error", "Errors all the same.", short="S", takes="bool"),
        Flag("fail", "No body of an answer from 400 on; exit 22.", short="f", takes="bool"),
        Flag("include", "With the answer's head.", short="i", takes="bool"),
        Flag("head", "The head alone.", short="I", takes="bool"),
        Flag("verbose", "With what was sent, and the certificate.", short="v", takes="bool"),
        Flag("insecure", "Whatever its certificate.", short="k", takes="bool"),
        Flag("location", "Follow redirects; there are none.", short="L", takes="bool"),
        Flag("max-time", "Seconds for all of it.", short="m"),
        Flag("connect-timeout", "Seconds to connect."),
        Flag("request", "Method.", short="X", choices=("GET", "POST", "PUT", "DELETE", "HEAD")),
        Flag("header", "Header to send; as often as wanted.", short="H", many=True),
        Flag("data", "Body to send, by POST.", short="d", many=True, also=("data-raw",)),
        Flag("user-agent", "Name to send.", short="A"),
        Flag("output", "/dev/null drops the body.", short="o"),
        Flag("write-out", "Print this afterwards, such as '%{http_code} %{time_total}\\n'.", short="w"),
        Flag("url", "The URL, for those who write it so."),
    ),
    normalise=_one_url,
    candidates=_urls,
    more=_listed,
)
def curl(run: Run, command: Command) -> str:
    """Ask, wait, print."""
    arguments = command.arguments
    most = seconds(arguments.text("max-time")) or _LONGEST
    connect = seconds(arguments.text("connect-timeout")) or _SYN_TIMEOUT
    method = arguments.text("request") or ("POST" if arguments.given("data") else "")
    options = Options(
        method="HEAD" if arguments.truth("head") else method,
        insecure=arguments.truth("insecure"),
        patience=max(MILLISECOND, min(most, _LONGEST)),
        connect_timeout=min(connect, most),
    )
    url = parse_url(command.targets[0], command.line)
    transfer = send(run, url, options)
    if transfer is None:
        return "^C"
    return printed(run, url, transfer, arguments)
