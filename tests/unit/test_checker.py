"""The child of the checker: its walls, what becomes of it when it dies, and the pictures it draws."""

import ctypes
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import pikepdf
import psutil
import pytest
from PIL import Image

from app.storage import checker, confinement, verdicts
from tests.corpus import bombs, documents, pictures, raw

A4_AT_200 = (1654, 2339)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "child"
    place.mkdir()
    return place


@pytest.fixture
def file(tmp_path):
    """Write bytes in a file, and return it."""

    def write(content, name="sent"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def ink(path):
    """Return the share of a picture that is dark."""
    picture = Image.open(path).convert("L")
    return sum(picture.histogram()[:128]) / (picture.width * picture.height)


# --- the walls ---

PROBE = """
import sys; sys.path.append(sys.argv[1])
import confinement, ctypes, os, resource
confinement.confine()
system = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    return getattr(system, name)(*arguments), ctypes.get_errno()
def python(act):
    try: act()
    except Exception as error: return type(error).__name__
    return "done"
import socket, subprocess
print(dict(
    native_socket=call("socket", 2, 1, 0), native_unix=call("socket", 1, 1, 0), native_fork=call("fork"),
    native_exec=call("execve", b"/bin/true", None, None), native_kill=call("kill", os.getppid(), 0), native_trace=call("ptrace", 16, 1, 0, 0),
    socket=python(socket.socket), run=python(lambda: subprocess.run(["/bin/true"])), fork=python(os.fork), system=python(lambda: os.system("true")),
    exec=python(lambda: os.execv("/bin/true", ["true"])), memory=python(lambda: bytearray(600 * 1024 * 1024)),
    disk=python(lambda: open("big", "wb").write(bytes(21 * 1024 * 1024))), files=python(lambda: [open("/dev/null") for _ in range(30)]),
    limits=[resource.getrlimit(one)[1] for one in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CORE)],
    cpu=resource.getrlimit(resource.RLIMIT_CPU),
    nice=os.nice(0), networks=sorted(os.listdir("/sys/class/net")),
))
"""


def probe(folder, **options):
    answer = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(checker.FOLDER)], cwd=folder, capture_output=True, text=True, timeout=60, **options
    )
    assert answer.returncode == 0, answer.stderr
    return eval(answer.stdout)


def test_walls(folder):
    """Neither Python nor native code can open a socket or start a program; memory, files and processes are bounded."""
    found = probe(folder)
    refused = {name: value for name, value in found.items() if name.startswith("native_")}
    assert len(refused) == 6 and all(value == (-1, 1) for value in refused.values()), refused
    assert {found[name] for name in ("socket", "run", "fork", "system", "exec")} == {"PermissionError"}
    assert (found["memory"], found["disk"], found["files"]) == ("MemoryError", "OSError", "OSError")
    assert found["limits"] == [512 * 1024 * 1024, 0, 0] and found["cpu"] == (8, 9) and found["nice"] >= 10


AS_NOBODY = """
import sys; sys.path.append(sys.argv[1])
import json, os, img2pdf, pikepdf, pypdfium2, checker_child, confinement, disarm
from PIL import Image, PngImagePlugin
os.setgroups([]); os.setgid(65534); os.setuid(65534)
checker_child.main(sys.argv[2:])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody; anyone else is an ordinary account in every other test")
def test_an_ordinary_account_works_within_the_walls():
    """Where no process at all may be started (the limit does not bind root), a PDF is still checked and drawn."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        sent = os.path.join(place, "sent")
        with open(sent, "wb") as output:
            output.write(raw.pdf())
        command = [sys.executable, "-I", "-c", AS_NOBODY, str(checker.FOLDER), place, "check", sent, "pdf"]
        answer = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60)
        assert '"safe": true' in answer.stdout and '"warnings": []' in answer.stdout, answer
        assert os.stat(os.path.join(place, "served")).st_uid == 65534 and "preview.png" in os.listdir(place)


# --- what becomes of the child ---


def test_a_child_that_hangs_is_ended(folder, tmp_path, monkeypatch):
    """A child that sleeps for ever is killed at the end of the wall clock; that it had no time says nothing of the file."""
    monkeypatch.setattr(checker, "WALL", 1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    before = set(psutil.Process().children(recursive=True))
    verdict = checker.check(pipe, extension="pdf", folder=folder)
    assert (verdict.is_safe, verdict.code, verdict.served) == (False, checker.BUSY, None)
    assert checker.reduce_photograph(pipe, folder) == (None, checker.BUSY)
    assert set(psutil.Process().children(recursive=True)) <= before


def test_only_its_own_walls_condemn_a_file(file, folder, monkeypatch):
    """A child past its processor time is a refusal; one that the machine kills (short of memory) is not."""
    path = file(raw.pdf())
    spend = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass"
    monkeypatch.setattr(checker, "BOOT", spend)
    assert checker.check(path, extension="pdf", folder=folder).code == "too_complex"
    monkeypatch.setattr(checker, "BOOT", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert checker.check(path, extension="pdf", folder=folder).code == checker.BUSY


def test_an_interrupted_parent_leaves_no_child(folder, tmp_path, monkeypatch):
    """Whatever interrupts the wait (a job's time-out), the child is ended."""

    def interrupted(self, timeout=None):
        if timeout is not None:
            raise KeyboardInterrupt
        return os.waitpid(self.pid, 0)

    before = set(psutil.Process().children(recursive=True))
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        checker.check(tmp_path / "pipe", extension="pdf", folder=folder)
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.mark.parametrize(
    "boot",
    [
        "import os; os.abort()",
        "raise ImportError",
        "print('not json')",
        "print('[1]')",
        "print('{\"safe\": true' + ' ' * 30000 + '}')",
        "import sys; print('{\"safe\": true}'); sys.exit(3)",
        "pass",
    ],
)
def test_a_child_that_dies_or_babbles_is_a_refusal(file, folder, monkeypatch, boot):
    """A crash, a silence or a lie of the wrong shape is never "safe" and never an exception."""
    monkeypatch.setattr(checker, "BOOT", boot)
    path = file(raw.pdf())
    verdict = checker.check(path, extension="pdf", folder=folder)
    assert (verdict.is_safe, verdict.code) == (False, "too_complex")
    assert checker.render_page(path, "application/pdf", 1, folder) is None
    assert checker.reduce_photograph(path, folder) == (None, "too_complex")
    assert checker.assemble([path], folder) is None


def test_the_child_knows_nothing_of_the_environment(file, folder, monkeypatch):
    """No secret of the process reaches the child."""
    monkeypatch.setenv("SECRET_KEY", "SECRET")
    monkeypatch.setattr(checker, "BOOT", "import os, json; print(json.dumps({'code': ' '.join(sorted(os.environ))}))")
    assert checker.check(file(b"x"), extension="pdf", folder=folder).code == "HOME LANG LC_CTYPE TMPDIR".replace("LC_CTYPE ", "")


def test_the_parent_stays_small(file, folder):
    """A bomb of 4 GB costs this process nothing, and its child no more than its wall; it ends within ten seconds of CPU."""
    path = file(bombs.object_stream(None))
    script = (
        "import resource, sys; from pathlib import Path; from app.storage import checker\n"
        "me = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "verdict = checker.check(Path(sys.argv[1]), extension='pdf', folder=Path(sys.argv[2]))\n"
        "child, grown = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - me\n"
        "print(verdict.is_safe, grown // 1024, child.ru_maxrss // 1024, child.ru_utime + child.ru_stime)"
    )
    answer = subprocess.run([sys.executable, "-c", script, path, folder], capture_output=True, text=True, check=True, timeout=120)
    is_safe, grown, peak, spent = answer.stdout.split()
    assert is_safe == "False"
    assert int(grown) < 20 and int(peak) <= 512 and float(spent) <= 10


def test_no_more_children_than_cores(file, folder, monkeypatch):
    """However many threads ask, one file is parsed at a time for each core."""
    running, most, lock = 0, 0, threading.Lock()
    real = checker._answer

    def slow(text):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1
        return real(text)

    monkeypatch.setattr(checker, "_answer", slow)
    monkeypatch.setattr(checker, "BOOT", "print('{}')")
    path = file(b"x")
    threads = [threading.Thread(target=checker.check, args=(path,), kwargs={"extension": "pdf", "folder": folder}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= os.cpu_count()


def test_every_code_has_its_sentence():
    """Every code that the child can give has a sentence for the candidate, and the HEIC one names the telephone's setting."""
    source = (checker.FOLDER / "checker_child.py").read_text()
    given = set(re.findall(r'Refusal\("([a-z_]+)"\)|return "([a-z_]+)"|\["([a-z_]+)"\]|, "([a-z_]+)"\),?\n|"([a-z_]+)" if', source))
    codes = {code for found in given for code in found if code} - {"pdf", "jpeg", "code"}
    assert {"is_png", "is_heic", "too_complex", "damaged", "looks_empty", "unreadable", "has_password", "signature_not_kept"} <= codes
    assert codes <= set(verdicts.SENTENCES), codes - set(verdicts.SENTENCES)
    assert "Le plus compatible" in str(verdicts.sentence("is_heic"))
    assert verdicts.sentence("never seen") == verdicts.sentence("unreadable")


# --- what it draws ---


def checked(path, folder, extension="pdf"):
    verdict = checker.check(path, extension=extension, folder=folder)
    assert verdict.is_safe, verdict
    return verdict


def test_a_turned_photograph_is_upright(file, folder):
    """The corner that EXIF says is at the top right is there in the copy (P16)."""
    verdict = checked(file(pictures.turned()), folder, "jpeg")
    picture = Image.open(verdict.served)
    assert picture.size == (600, 800)
    red, _green, blue = picture.getpixel((560, 40))
    assert red > 150 > blue + 50


def test_the_largest_picture_fits_the_walls(file, folder):
    """Just under forty million pixels, in four inks and turned, is still accepted."""
    exif = Image.Exif()
    exif[0x0112] = 6
    output = io.BytesIO()
    Image.linear_gradient("L").resize((7200, 5400)).convert("CMYK").save(output, "JPEG", quality=30, exif=exif)
    assert Image.open(checked(file(output.getvalue()), folder, "jpeg").served).size == (5400, 7200)


def test_form_fields_are_drawn(file, folder):
    """What somebody typed in a form is seen on the page and in the preview, though no viewer drew it before (P27)."""
    verdict = checked(file(documents.form_pdf()), folder)
    page = checker.render_page(verdict.served, verdict.media_type, 1, folder)
    assert ink(verdict.preview) > 0.001 and ink(page) > 0.001
    assert "looks_empty" not in verdict.warnings


def test_every_page_can_be_drawn(file, folder):
    """Each page of a document has its picture, as wide as asked; there is none past the last."""
    sent = file(b"", "pages")
    with pikepdf.open(io.BytesIO(raw.pdf())) as document:
        document.pages.append(document.pages[0])
        document.add_blank_page(page_size=(842, 595))
        document.save(sent)
    verdict = checked(sent, folder)
    assert verdict.page_count == 3
    seen = []
    for number in (1, 2, 3):
        picture = checker.render_page(verdict.served, verdict.media_type, number, folder, width=600)
        seen.append((Image.open(picture).size, ink(picture) > 0.0005))
        picture.unlink()
    assert seen == [((600, 850), True), ((600, 850), True), ((600, 424), False)]
    for number in (0, 4, -1):
        assert checker.render_page(verdict.served, verdict.media_type, number, folder) is None


def test_a_jpeg_is_a_page(file, folder):
    """A JPEG piece has one page."""
    verdict = checked(file(pictures.photograph((2000, 1000))), folder, "jpeg")
    assert Image.open(checker.render_page(verdict.served, verdict.media_type, 1, folder, width=500)).size == (500, 250)
    assert checker.render_page(verdict.served, verdict.media_type, 2, folder) is None


def test_a_page_is_never_drawn_beyond_bounds(file, folder):
    """A page as large as a wall, or a width out of reason, gives a picture of five million pixels at most."""
    wide = raw.pdf().replace(b"[0 0 595 842]", b"[0 0 9999 99]")
    for content in (raw.pdf(), wide):
        verdict = checked(file(content), folder)
        picture = Image.open(checker.render_page(verdict.served, verdict.media_type, 1, folder, width=100_000))
        assert picture.width * picture.height < 5_100_000


# --- photographs ---


def test_a_photograph_is_brought_to_a4(file, folder):
    """A telephone's picture becomes an A4 page at 200 dpi, upright, without where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    reduced, code = checker.reduce_photograph(file(pictures.photograph((4000, 3000), exif=exif)), folder)
    picture = Image.open(reduced)
    assert code is None and not picture.getexif()
    assert picture.size == (A4_AT_200[0], 2206)


def test_a_photograph_of_two_hundred_megapixels(file, folder):
    """The largest telephones are decoded reduced, within the same walls."""
    output = io.BytesIO()
    Image.linear_gradient("L").resize((16320, 12240)).save(output, "JPEG", quality=20)
    reduced, code = checker.reduce_photograph(file(output.getvalue()), folder)
    assert code is None and Image.open(reduced).size == (2206, 1654)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (pictures.png, "is_png"),
        (pictures.heic, "is_heic"),
        (pictures.cut, "unreadable"),
        (pictures.enormous, "too_many_pixels"),
        (documents.ordinary, "not_a_photograph"),
        (documents.empty, "empty"),
    ],
)
def test_what_is_no_photograph(file, folder, make, code):
    """What cannot be a page is refused by its name."""
    assert checker.reduce_photograph(file(make(None)), folder) == (None, code)


def test_photographs_become_one_document(file, folder):
    """Each photograph is one A4 page, in order, and the whole passes the check."""
    paths = [file(pictures.photograph(size), f"p{size[0]}") for size in ((800, 1100), (1100, 800), (300, 300))]
    made = checker.assemble(paths, folder)
    sizes = [[round(float(edge)) for edge in page.mediabox][2:] for page in pikepdf.open(made).pages]
    assert sizes == [[595, 842], [842, 595], [595, 842]]
    (folder / "again").mkdir()
    assert checked(made, folder / "again").page_count == 3


def test_many_photographs_fit_the_limit_of_a_piece(file, folder):
    """Twelve pages too heavy together are made lighter until the document fits; light ones are left as they are."""
    noise = Image.effect_noise((1240, 1754), 90).convert("RGB")
    heavy = [file(pictures.encoded(noise, "JPEG", quality=80), f"heavy{number}") for number in range(12)]
    assert sum(path.stat().st_size for path in heavy) > 8 * 1024 * 1024
    assert checker.assemble(heavy, folder, limit=5 * 1024 * 1024).stat().st_size <= 5 * 1024 * 1024
    light = file(pictures.photograph(), "light")
    assert light.read_bytes()[200:] in checker.assemble([light], folder).read_bytes()


def test_the_filter_of_calls_is_for_this_machine():
    """The walls of native code stand on the machines that we run on."""
    assert os.uname().machine in confinement.REFUSED_CALLS and ctypes.sizeof(ctypes.c_void_p) == 8
