"""The least that a Flask page can cost, served like ours: the limit that our figures stand beside."""

from flask import Flask

app = Flask("bare")


@app.route("/", methods=["GET", "POST"])
def hello():
    return "hello"
