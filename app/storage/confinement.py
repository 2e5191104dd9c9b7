"""The walls of the checker's child, raised by itself before it reads a byte of what somebody sent (trust T8)."""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

MEMORY = 512 * 1024 * 1024  # bytes of address space
CPU = 8  # seconds: with the start of the child, a verdict within the ten of the bar
CPU_GRACE = 1  # second: the signal at `CPU` says why the child died; code that ignores it is killed then
FILE_SIZE = 20 * 1024 * 1024  # bytes of any file that it writes
OPEN_FILES = 24  # Python holds several of its own while it imports the renderer: sixteen are not enough
NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
SET_DEATH_SIGNAL, SET_SECCOMP, SET_NO_NEW_PRIVILEGES, FILTER = 1, 22, 38, 2
REFUSED_EVENTS = ("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "os.fork", "os.kill", "pty.")

# Numbers of the system calls that talk to the outside or make processes: socket, socketpair, connect, bind, sendto, sendmsg,
# clone, clone3, fork, vfork, execve, execveat, kill, ptrace, process_vm_readv, process_vm_writev, io_uring_setup.
REFUSED_CALLS = {
    "x86_64": (0xC000003E, (41, 53, 42, 49, 44, 46, 56, 435, 57, 58, 59, 322, 62, 101, 310, 311, 425)),
    "aarch64": (0xC00000B7, (198, 199, 203, 200, 206, 211, 220, 435, 221, 281, 129, 117, 270, 271, 425)),
}
LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # refuse = EPERM
OTHER_ABI = 0x40000000  # calls of the x32 interface, which has its own numbers


def confine():
    """Bound memory, CPU, files and processes, and leave the network; each wall stands without the others."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + CPU_GRACE))
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.nice(10)
    system = ctypes.CDLL(None)
    system.prctl(SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    system.unshare(NEW_USER_AND_NETWORK)  # where the kernel permits it
    _filter_calls(system)
    sys.addaudithook(_refuse)


def _refuse(event, _arguments):
    if event.startswith(REFUSED_EVENTS):
        raise PermissionError(event)


def _filter_calls(system):
    """Have the kernel refuse sockets and programs, even to native code that a hostile file took over."""
    if platform.machine() not in REFUSED_CALLS:
        return
    rules = _rules(*REFUSED_CALLS[platform.machine()])
    rows = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *rule) for rule in rules))
    program = struct.pack("@HP", len(rules), ctypes.addressof(rows))
    system.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    system.prctl(SET_SECCOMP, FILTER, program, 0, 0)


def _rules(architecture, calls):
    """Return the filter, a list of (code, jump if true, jump if false, value)."""
    rules = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, architecture), (ANSWER, 0, 0, KILL), (LOAD, 0, 0, 0)]
    rules.append((AT_LEAST, len(calls) + 1, 0, OTHER_ABI))
    rules += [(EQUAL, len(calls) - index, 0, call) for index, call in enumerate(calls)]
    return [*rules, (ANSWER, 0, 0, ALLOW), (ANSWER, 0, 0, REFUSE)]
