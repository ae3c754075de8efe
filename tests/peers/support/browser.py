# browser.py DRIVER FOLDER WHO VERB [ARGUMENT...] - what WHO does in a browser.
#
# DRIVER is the port of a WebDriver (chromedriver); whose session is whose is
# kept in FOLDER, so that each step is a call of its own.
#
#     opens               a browser
#     goes URL
#     types CSS TEXT      into the first thing that CSS selects, and ENTER with \n
#     clicks CSS
#     sees CSS TEXT       in something CSS selects, as soon as it is there
#     never_saw CSS TEXT  what is there now does not have it
#     counts CSS N        so many are there, as soon as they are
#     has_focus CSS
#     has_state TEXT      which is all that #state has
#     runs SCRIPT         which returns what is true
#     closes              the browser
import json
import sys
import time
import urllib.error
import urllib.request

driver, folder, who, verb, *arguments = sys.argv[1:]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def call(method, path, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{driver}/session{path}", method=method,
        data=None if body is None else json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        sys.exit(error.read().decode())


def in_session(method, path, body=None):
    with open(f"{folder}/browser.{who}") as file:
        return call(method, f"/{file.read()}{path}", body)


def evaluate(script, *arguments):
    return in_session("POST", "/execute/sync",
                      {"script": script, "args": arguments})


def find(css):
    found = in_session("POST", "/element",
                       {"using": "css selector", "value": css})
    return f"/element/{found[ELEMENT]}"


def texts(css):
    return evaluate("return [...document.querySelectorAll(arguments[0])]"
                    ".map((element) => element.innerText)", css)


def in_time(holds):
    for attempt in range(200):
        if holds():
            return
        time.sleep(0.05)
    sys.exit(f"{who} sees, all in all:\n" + "\n".join(texts("body")))


def opens():
    value = call("POST", "", {"capabilities": {"alwaysMatch": {
        "goog:chromeOptions": {"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", f"--user-data-dir={folder}/{who}"]}}}})
    with open(f"{folder}/browser.{who}", "w") as file:
        file.write(value["sessionId"])


def goes(url):
    in_session("POST", "/url", {"url": url})


def types(css, text):
    in_session("POST", find(css) + "/value",
               {"text": text.replace("\\n", "\ue007")})


def clicks(css):
    in_session("POST", find(css) + "/click", {})


def sees(css, text):
    in_time(lambda: any(text in seen for seen in texts(css)))


def never_saw(css, text):
    if any(text in seen for seen in texts(css)):
        sys.exit("\n".join(texts(css)))


def counts(css, n):
    in_time(lambda: len(texts(css)) == int(n))


def has_focus(css):
    in_time(lambda: evaluate("return document.activeElement.matches("
                             "arguments[0])", css))


def has_state(text):
    in_time(lambda: texts("#state") == [text])


def runs(script):
    in_time(lambda: evaluate(script))


def closes():
    in_session("DELETE", "")


globals()[verb](*arguments)
