"""Takes POSTs and PUTs: each one a line of JSON in the file FOLDER/posts. Answers what FOLDER/status says, or 200, after as many seconds as FOLDER/delay says.

FOLDER/script comes before FOLDER/status: the n-th line, `STATUS` or `STATUS HEADER: VALUE`, answers the n-th POST. With a certificate and its key as further arguments it speaks https."""
import http.server
import itertools
import json
import os
import ssl
import sys
import threading
import time

folder = sys.argv[1]
lock, turns = threading.Lock(), itertools.count()


def said(name, otherwise):
    try:
        with open(os.path.join(folder, name)) as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def read(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


class Box(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        line = json.dumps({"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}, "body": read(body), "method": self.command})
        with open(os.path.join(folder, "posts"), "a") as posts:
            posts.write(line + "\n")
        time.sleep(float(said("delay", "0")))
        with lock:
            turn = next(turns)
        script = said("script", "").splitlines()
        code, _, header = (script[turn] if turn < len(script) else said("status", "200")).partition(" ")
        self.send_response(int(code))
        if header:
            self.send_header(*header.split(": ", 1))
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_PUT = do_POST

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Box)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(folder, "port.part"), "w") as port:
    port.write(str(server.server_address[1]))
os.rename(os.path.join(folder, "port.part"), os.path.join(folder, "port"))
server.serve_forever()
