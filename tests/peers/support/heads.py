"""heads.py PORT - which of the messages on standard input the server at that port
takes for requests.

A line of input has a name, a message in base64, and what comes of it here,
between tabs; one of output "yes" or "no" for the server, the same for us, and
the name.  What is not complete is left out.
"""
import base64
import re
import socket
import sys


def takes(port, message):
    """Whether its first answer is 200; silence is a no."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        try:
            s.sendall(message)
            s.shutdown(socket.SHUT_WR)
            while some := s.recv(4096):
                heard += some
        except OSError:
            pass
    return re.match(rb"(HTTP/1.1 100 Continue\r\n\r\n)?HTTP/1.1 200 ",
                    heard) is not None


for line in sys.stdin:
    name, message, ours = line.rstrip("\n").split("\t")
    if ours != "more":
        theirs = takes(int(sys.argv[1]), base64.b64decode(message))
        print("yes" if theirs else "no",
              "no" if re.match(r"\d{3} ", ours) else "yes", name)
