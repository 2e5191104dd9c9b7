"""What a web server and the `flask` command load."""

import config
from app import create_app, logs

settings = config.Settings.from_environ()
logs.configure(settings)
app = create_app(settings)
