# An HTTP server that does as the path says, well or badly; and a proxy, if it is
# asked to be one.
import socket
import threading
import time

at_once = most = 0
flaky = 0
lock = threading.Lock()
FILE = b"".join(b"%05d\n" % i for i in range(20000))


def answer(body, status=b"200 OK", more=b"", length=None):
    length = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status, more, length, body)


def slowly():
    global at_once, most
    with lock:
        at_once += 1
        most = max(most, at_once)
    time.sleep(0.2)
    with lock:
        at_once -= 1
    return answer(b"slow")


def part(fields):
    """The file: what is asked for of it; half of it, if that is all."""
    more = b'ETag: "x"\r\n'
    if b"if-range" in fields and fields[b"if-range"] == b'"x"':
        first = int(fields[b"range"][6:-1])
        more += b"Content-Range: bytes %d-%d/%d\r\n" % (
            first, len(FILE) - 1, len(FILE))
        return answer(FILE[first:], b"206 Part", more), True
    return answer(FILE[:len(FILE) // 2], more=more, length=len(FILE)), False


def reply(s, method, path, head, fields, body):
    global flaky
    if path.startswith("/slow"):
        s.sendall(slowly())
    elif path == "/most":
        s.sendall(answer(b"%d" % most))
    elif path.startswith("/silent"):
        time.sleep(60)
    elif path.startswith("/broken"):
        s.sendall(answer(b"abc", length=1000))
        return False
    elif path.startswith("/stalled"):
        s.sendall(answer(b"abc", length=1000))
        time.sleep(60)
    elif path == "/nowhere":
        s.sendall(answer(b"no", b"404 No"))
    elif path == "/flaky":
        flaky += 1
        s.sendall(answer(b"well", b"503 Not yet" if flaky < 3 else b"200 OK"))
    elif path == "/head":
        s.sendall(answer(head))
    elif path == "/body":
        s.sendall(answer(method.encode() + b" " + body))
    elif path == "/file":
        text, stays = part(fields)
        s.sendall(text)
        return stays
    elif path == "/whole":
        s.sendall(answer(FILE))
    elif path.startswith("/to/"):
        s.sendall(answer(b"", b"302 There", b"Location: %s\r\n" %
                         path[3:].encode()))
    elif path == "/set":
        s.sendall(answer(b"", more=b"Set-Cookie: a=1\r\n"))
    elif method == "CONNECT":
        s.sendall(answer(b"", b"407 Who?"))
        return False
    else:
        s.sendall(answer(b"" if method == "HEAD" else path.encode()))
    return True


def read_body(s, got, fields):
    if fields.get(b"expect") == b"100-continue":
        s.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    chunked = b"transfer-encoding" in fields
    n = int(fields.get(b"content-length", 0))
    while len(got) < n or (chunked and not got.endswith(b"0\r\n\r\n")):
        got += s.recv(65536)
    return (got, b"") if chunked else (got[:n], got[n:])


def serve(s):
    got = b""
    try:
        while True:
            while b"\r\n\r\n" not in got:
                some = s.recv(65536)
                if not some:
                    return
                got += some
            head, got = got.split(b"\r\n\r\n", 1)
            fields = {}
            for line in head.split(b"\r\n")[1:]:
                name, value = line.split(b": ", 1)
                fields[name.lower()] = value
            body, got = read_body(s, got, fields)
            method, path = head.decode().split()[:2]
            if not reply(s, method, path, head, fields, body):
                return
    except OSError:
        pass
    finally:
        s.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
