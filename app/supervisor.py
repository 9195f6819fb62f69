"""The commands behind the Makefile: `python -m app.supervisor run|status|stop|logs|reset|backup|restore`.

Everything that could refuse is checked before the first process starts. A refusal is one line and exit 1.
"""

import argparse
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import installation, soundness
from app.processes import SPARING
from app.run_record import AlreadyRunning, RunRecord, is_the_same
from app.settings import PROJECT, BadSettings, Settings, data_folder, load_settings
from app.supervision import STOP_SECONDS, StartFailed, Supervisor

METRICS = "metrics"
MODES = {"sandbox": "演练", "trial": "名单", "live": "正式"}


class Refused(Exception):
    """The command cannot be carried out; the text is the one line to print."""


def run(options: argparse.Namespace) -> None:
    settings = load_settings()
    programs = installation.chosen(settings, options.only)
    _make_folders(settings.data)
    record = RunRecord(settings.data)
    try:
        record.lock()
    except AlreadyRunning:
        port = record.read().get("port", "?")
        raise Refused(f"already running on {settings.data} (port {port}); make stop ends it") from None
    unclean = bool(record.read())
    ended = record.end_orphans()
    if ended:
        print(f"ended what an earlier run had left behind: {', '.join(ended)}")
    _look_at_the_files(settings, unclean=unclean)
    for host, port in installation.ports(settings, programs):
        _check_free(host, port)
    _supervise(settings, record, programs)


def _make_folders(data: Path) -> None:
    try:
        for folder in (data, data / "logs", data / "sandbox"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        raise Refused(f"cannot write {data}: {error.strerror}") from None


def _look_at_the_files(settings: Settings, *, unclean: bool) -> None:
    try:
        for words in soundness.check(settings, unclean=unclean):
            print(words)
    except soundness.Damaged as damage:
        raise Refused(str(damage)) from None


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just ended does not count
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Refused(
                f"port {port} on {host} is taken: {error.strerror}; choose another: make run PORT=n"
            ) from None


def _supervise(settings: Settings, record: RunRecord, programs: tuple[str, ...]) -> None:
    if "sandbox" in programs:
        write_private(installation.apps_file(settings), installation.apps_text(settings))
    shutil.rmtree(settings.data / METRICS, ignore_errors=True)  # counters begin at nought with the programs
    (settings.data / METRICS).mkdir(mode=0o700)
    state, status = "starting", installation.status(settings)

    def changed(processes: dict[str, int]) -> None:
        record.write(state=state, port=settings.web.port, processes=processes, status=status)

    def ready() -> None:
        nonlocal state
        state = "running"
        changed(supervisor.pids())
        announce(settings)

    supervisor = Supervisor(
        installation.stages(settings, programs),
        logs=settings.data / "logs",
        environ=_environ(settings),
        folder=PROJECT,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    try:
        supervisor.run(changed, ready)
    finally:
        record.clear()


def _environ(settings: Settings) -> dict[str, str]:
    environ = SPARING | dict(os.environ)
    environ |= {"XINGFU_DATA": str(settings.data), "XINGFU_PORT": str(settings.web.port)}
    if environ.get("XINGFU_CONFIG"):
        environ["XINGFU_CONFIG"] = str(Path(environ["XINGFU_CONFIG"]).absolute())
    environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.data / METRICS)
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # five processes read the same code at every start
    return environ | {"PYTHONUNBUFFERED": "1"}


def write_private(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def announce(settings: Settings) -> None:
    addresses = installation.status(settings)
    lines = [
        f"{settings.community.account_name} is running ({MODES[settings.mode]}). Ctrl-C stops everything."
    ]
    names = {
        "phone": "phone page",
        "console": "staff console",
        "api_docs": "API documentation",
        "control": "control page",
    }
    lines += [f"  {words:<18} {addresses[key]}" for key, words in names.items() if addresses[key]]
    link = settings.data / "first-admin-link.txt"
    if link.exists():
        lines.append(f"  {'first sign-in':<18} {link.read_text('utf-8').strip()}")
    print("\n".join(lines), flush=True)


def status(_options: argparse.Namespace) -> None:
    data = data_folder()
    content = RunRecord(data).running()
    port = os.environ.get("XINGFU_PORT")
    if not content or (port and port != str(content["port"])):
        raise Refused(f"nothing is running on {data}" + (f" at port {port}" if port else ""))
    if content["state"] != "running":
        raise Refused(f"still starting on {data}")
    print(json.dumps(content["status"], ensure_ascii=False))


def stop(_options: argparse.Namespace) -> None:
    data = data_folder()
    record = RunRecord(data)
    content = record.running()
    if not content:
        if data.exists() and record.read():
            _end_leftovers(record)
        print(f"nothing is running on {data}")
        return
    os.kill(content["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS + 4
    while is_the_same(content["pid"], content["birth"]):
        if time.monotonic() > deadline:
            os.kill(content["pid"], signal.SIGKILL)
            break
        time.sleep(0.05)
    print(f"stopped {data}")


def _end_leftovers(record: RunRecord) -> None:
    try:
        record.lock()
    except AlreadyRunning:
        return
    record.end_orphans()
    record.unlock()


def logs(_options: argparse.Namespace) -> None:
    """Follows in a terminal, prints the last lines elsewhere."""
    found = sorted(str(path) for path in (data_folder() / "logs").glob("*.log"))
    if not found:
        raise Refused(f"no logs in {data_folder() / 'logs'}")
    sys.stdout.flush()
    follow = ["-F"] if sys.stdout.isatty() else []
    os.execvp("tail", ["tail", "-n", "50", *follow, *found])


def reset(options: argparse.Namespace) -> None:
    """Wipes DATA. Backups stay, with the keys that open them."""
    data = data_folder()
    if not data.exists():
        print(f"nothing to wipe: {data} does not exist")
        return
    record = RunRecord(data)
    kept = _kept(data)
    if not options.yes and input(f"This wipes all data in {data}. 输入 yes: ").strip() != "yes":
        raise Refused("nothing was wiped")
    with _held(record):
        record.end_orphans()
        for path in _wiped(data, kept):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if not kept:
        shutil.rmtree(data, ignore_errors=True)
    print(f"wiped {data}" + (f"; kept {data / 'backups'} and the keys that open them" if kept else ""))


def _kept(data: Path) -> set[Path]:
    if not any((data / "backups").glob("*.backup")):
        return set()
    return {data / "backups", *(data / "secrets").glob("*.key")}


def _wiped(data: Path, kept: set[Path]) -> list[Path]:
    secrets = data / "secrets"
    if kept and secrets.exists():
        inside = [path for path in secrets.iterdir() if path not in kept]
        return inside + [path for path in data.iterdir() if path not in kept and path != secrets]
    return list(data.iterdir())


def backup(options: argparse.Namespace) -> None:
    from app.backup import BadBackup, make_backup

    try:
        print(
            make_backup(
                load_settings(), Path(options.file) if options.file else None, secrets=options.secrets
            )
        )
    except BadBackup as error:
        raise Refused(str(error)) from None


def restore(options: argparse.Namespace) -> None:
    from app.backup import BadBackup, restore_backup

    if not options.file:
        raise Refused("say which: make restore FILE=data/backups/….backup")
    settings = load_settings()
    _need_to_be_alone(settings)
    _make_folders(settings.data)
    record = RunRecord(settings.data)
    try:
        with _held(record):
            record.end_orphans()
            print(restore_backup(settings, Path(options.file), force=options.force), flush=True)
            _bring_up_to_date()
    except BadBackup as error:
        raise Refused(str(error)) from None


def _need_to_be_alone(settings: Settings) -> None:
    """Another host would write into what is being put in place, and keep files that go with the rows before."""
    from app.hosts import LIVES_SECONDS, living
    from app.redis import connect

    if others := {card.host for card in living(connect(settings))} - {settings.host.name}:
        names = ", ".join(sorted(others))
        raise Refused(
            f"{names} runs this house, or did {LIVES_SECONDS} seconds ago: stop it on every host first"
        )


def _bring_up_to_date() -> None:
    """The schema of today; whoever was forgotten since the backup is forgotten again, and nothing is done twice."""
    done = subprocess.run([sys.executable, "-m", "app.prepare", "--restored"], check=False)
    if done.returncode:
        raise Refused(
            "the data is in place but could not be brought up to date: see above, then run app.prepare"
        )


@contextmanager
def _held(record: RunRecord) -> Iterator[None]:
    try:
        record.lock()
    except AlreadyRunning:
        raise Refused(f"it is running on {record.data}; make stop first") from None
    try:
        yield
    finally:
        record.unlock()


COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    command.__name__: command for command in (run, status, stop, logs, reset, backup, restore)
}
WRITING = ("run", "reset", "backup", "restore")


def _need_to_be_its_user(data: Path) -> None:
    """What root leaves in the folder of another user stops the house at its next start."""
    if data.exists() and (about := data.stat()).st_uid != os.geteuid():
        raise Refused(f"{data} belongs to {_called(about.st_uid)}: run this as that user (docs/deploy.md)")


def _called(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.supervisor", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--file", default="", help="where the backup goes or comes from")
    parser.add_argument("--yes", action="store_true", help="reset without asking")
    parser.add_argument(
        "--force", action="store_true", help="restore over existing data (the old is kept beside it)"
    )
    parser.add_argument("--secrets", action="store_true", help="put the secrets into the backup too")
    parser.add_argument("--only", default="", help="run these programs only: web,scheduler,delivery")
    options = parser.parse_args(arguments)
    os.umask(0o077)  # what we and our children write is nobody else's business
    try:
        if options.command in WRITING:
            _need_to_be_its_user(data_folder())
        COMMANDS[options.command](options)
    except (Refused, BadSettings, StartFailed) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        return 130
    except OSError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
