"""seeds.py - what the fuzzers begin with, and what is kept of what they find.

    seeds.py unpack FOLDER FILE...    each message in a file of its own
    seeds.py pack FOLDER BYTES        the smallest of the files, a line each
    seeds.py list FILE                what each vector is called, its message in
                                      base64, and what comes of it, between tabs

A FILE has messages as tests/io/http/vectors.h says; one without vectors has
them a line each.
"""
import base64
import os
import re
import sys

LETTERS = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def closing(text, at):
    """Where the brace closes that opens at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 0:
            return i
    raise ValueError(text)


def unescape(text):
    out, at = [], 0
    while at < len(text):
        if text[at] != "\\":
            out.append(text[at])
            at += 1
        elif text[at + 1] == "x":
            out.append(chr(int(text[at + 2:at + 4], 16)))
            at += 4
        elif text[at + 1] == "*":
            times = re.match(r"\d+", text[at + 2:])[0]
            start = at + 2 + len(times)
            end = closing(text, start)
            out.append(unescape(text[start + 1:end]) * int(times))
            at = end + 1
        else:
            out.append(LETTERS[text[at + 1]])
            at += 2
    return "".join(out)


def escape(data):
    out = "".join(chr(c) if 0x20 <= c < 0x7f and c != 0x5c else f"\\x{c:02x}"
                  for c in data)
    for byte, letter in ("\\x0d", "\\r"), ("\\x0a", "\\n"), ("\\x5c", "\\\\"):
        out = out.replace(byte, letter)
    out = out.replace(" => ", " =\\x3e ")
    return "\\x23" + out[1:] if out.startswith("#") else out


def vectors(text):
    """Of each its name, its message, and the first thing that comes of it."""
    for part in re.split("^== ", text, flags=re.M)[1:]:
        message, expected = part.split("\n=> ")[:2]
        name, _, message = message.partition("\n")
        yield (name, unescape(message.replace("\n", "")),
               expected.partition("\n")[0])


def messages(name):
    """Those of vectors, of a table, or a line each."""
    text = open(name, encoding="latin-1").read()
    if re.search("^== ", text, re.M):
        return [message for _, message, _ in vectors(text)]
    return [unescape(line.split(" => ")[0]) for line in text.split("\n")
            if line and not line.startswith("#")]


def show(name):
    for name, message, expected in vectors(open(name).read()):
        text = base64.b64encode(message.encode("latin-1")).decode()
        print(name, text, expected, sep="\t")


def unpack(folder, *names):
    for name in names:
        for i, message in enumerate(messages(name)):
            to = f"{os.path.basename(name)}.{i}"
            with open(os.path.join(folder, to), "wb") as f:
                f.write(message.encode("latin-1"))


def pack(folder, limit):
    left = int(limit)
    found = [open(os.path.join(folder, name), "rb").read()
             for name in os.listdir(folder)]
    for line in sorted(map(escape, filter(None, found)),
                       key=lambda line: (len(line), line)):
        left -= len(line) + 1
        if left < 0:
            break
        print(line)


{"unpack": unpack, "pack": pack, "list": show}[sys.argv[1]](*sys.argv[2:])
