"""heads.py PORT [chunked] - which of the messages on standard input the server
at that port takes for requests, and how long their bodies are to it.

A line of input has a name, a message in base64, and what comes of it here,
between tabs; one of output "yes" or "no" for the server, the same for us,
"same" or "other" for the lengths of the body, if it tells and we know, or "-",
and the name.  What is not complete is left out.

With "chunked" the messages are bodies in chunks.
"""
import base64
import re
import socket
import sys

CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def answer(port, message):
    """Its first answer; silence is none."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        try:
            s.sendall(message)
            s.shutdown(socket.SHUT_WR)
            while some := s.recv(4096):
                heard += some
        except OSError:
            pass
    return re.sub(rb"^HTTP/1.1 100 Continue\r\n\r\n", b"", heard).partition(
        b"\r\nHTTP/1.1 ")[0]


def length_told(heard):
    told = re.search(rb"yes (\d+)\.", heard)
    return int(told[1]) if told else None


def of_request(message, ours):
    """The request with all of its body, if that is short, and its length."""
    framing = re.search(r"; (no body|chunked|length (\d+));", ours)
    behind = message.partition(b"\r\n\r\n")[2]
    if framing and framing[1] == "no body":
        return message, 0
    if framing and framing[1] == "chunked" and not behind:
        return message + b"0\r\n\r\n", 0
    if framing and framing[2] and int(framing[2]) < 1000:
        length = int(framing[2])
        return message + b"x" * (length - len(behind)), length
    return message, None


def of_chunks(message, ours):
    """A request with this body, and nothing behind it, and the length of it."""
    ended = re.match(r'ended "(.*)" rest (\d+)$', ours)
    if not ended:
        return CHUNKED + message, None
    body = ended[1].encode().decode("unicode_escape")
    return CHUNKED + message[:len(message) - int(ended[2])], len(body)


chunked = sys.argv[2:] == ["chunked"]
for line in sys.stdin:
    name, message, ours = line.rstrip("\n").split("\t")
    if re.match("more( |$)", ours):
        continue
    message = base64.b64decode(message)
    message, length = (of_chunks if chunked else of_request)(message, ours)
    heard = answer(int(sys.argv[1]), message)
    told = length_told(heard)
    theirs = heard.startswith(b"HTTP/1.1 200 ")
    taken = not re.match(r"\d{3} ", ours)
    if chunked:
        theirs, taken = told is not None, length is not None
    print("yes" if theirs else "no", "yes" if taken else "no",
          "-" if told is None or length is None
          else "same" if told == length else "other", name)
