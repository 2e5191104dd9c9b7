"""A QR code as a data: address, so that a document fetches nothing."""

import base64
import io

import qrcode
from qrcode.image.svg import SvgPathImage


def uri(text):
    """Return the QR code of a text as an SVG data: address."""
    file = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=1, error_correction=qrcode.constants.ERROR_CORRECT_M).save(file)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
