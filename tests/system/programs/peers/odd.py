# An HTTP server that does as the path says, well or badly.
import socket
import threading
import time

at_once = most = 0
lock = threading.Lock()


def answer(body, length=None):
    length = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, body)


def slowly(path):
    global at_once, most
    with lock:
        at_once += 1
        most = max(most, at_once)
    time.sleep(0.2)
    with lock:
        at_once -= 1
    return answer(b"slow")


def reply(s, path):
    if path.startswith("/slow"):
        s.sendall(slowly(path))
    elif path == "/most":
        s.sendall(answer(b"%d" % most))
    elif path.startswith("/silent"):
        time.sleep(60)
    elif path.startswith("/broken"):
        s.sendall(answer(b"abc", 1000))
        return False
    elif path.startswith("/stalled"):
        s.sendall(answer(b"abc", 1000))
        time.sleep(60)
    elif path == "/nowhere":
        s.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
    else:
        s.sendall(answer(path.encode()))
    return True


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
            if not reply(s, head.split()[1].decode()):
                return
    except OSError:
        pass
    finally:
        s.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=100)
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
