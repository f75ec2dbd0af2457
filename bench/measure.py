#!/usr/bin/python3
"""Measures mds-server against nginx and against the smallest ASP.NET Core program; bench/run calls it."""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import platform
import re
import resource
import select
import socket
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
V1 = "/computeMetadata/v1/"
ACCOUNT = V1 + "instance/service-accounts/default/"
LEAF, TOKEN, TREE, MIX = "a leaf", "cached token", "whole tree", "the mix"
PATHS = {LEAF: V1 + "project/project-id", TOKEN: ACCOUNT + "token", TREE: V1 + "?recursive=true"}
# Everything that the mix asks for; see mix.lua.
IN_MIX = [
    ACCOUNT + "token", ACCOUNT + "?recursive=true", V1 + "instance/attributes/nokey", V1 + "project/project-id",
    V1 + "project/numeric-project-id", V1 + "instance/zone", V1 + "instance/attributes/cluster-name",
]
WAITERS = 10_000
# nginx says these of itself, and cannot be told otherwise without a module that would cost it time.
NGINX_OWN = {"server", "connection", "date"}
MDS_PORT, ADMIN_PORT, NGINX_PORT, SMALLEST_PORT = 18480, 18481, 18482, 18483


def say(text):
    print(text, flush=True)


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Metadata-Flavor": "Google"})
    response = connection.getresponse()
    answer = response.status, response.getheaders(), response.read()
    connection.close()
    return answer


def wait_for(port, process):
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"measure: {process.args[0]} does not listen on port {port}; its output is above.")
            time.sleep(0.0005)


def quoted(text):
    if "$" in text:
        sys.exit("measure: nginx takes a $ in an answer for a variable; take it out of claims.json.")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def nginx_locations():
    """The answers of the server that runs, as nginx's configuration."""
    locations = []
    for path in dict.fromkeys([*PATHS.values(), *IN_MIX]):
        status, headers, body = get(MDS_PORT, path)
        lines = [f"default_type {quoted(dict(headers)['Content-Type'])};"]
        for name, value in headers:
            if name.lower() not in NGINX_OWN | {"content-type", "content-length"}:
                lines.append(f"add_header {name} {quoted(value)} always;")
        lines.append(f"return {status} {quoted(body.decode())};")
        locations.append(f"    location = {path.split('?')[0]} {{\n      " + "\n      ".join(lines) + "\n    }")
    return "\n".join(locations)


def compare_answers():
    """Both must say the same, or the figures say nothing."""
    for path in dict.fromkeys([*PATHS.values(), *IN_MIX]):
        ours, theirs = get(MDS_PORT, path), get(NGINX_PORT, path)
        heads = [
            sorted((name.lower(), value) for name, value in answer[1] if name.lower() not in NGINX_OWN)
            for answer in (ours, theirs)]
        # What a token still lives is another number each second.
        bodies = [re.sub(rb'"expires_in":\d+', b'"expires_in":0', answer[2]) for answer in (ours, theirs)]
        if (ours[0], heads[0], bodies[0]) != (theirs[0], heads[1], bodies[1]):
            sys.exit(f"measure: nginx answers {path} otherwise:\n{ours}\n{theirs}")


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def wrk(port, work, seconds):
    mix = work == MIX
    target = f"http://127.0.0.1:{port}" + ("" if mix else PATHS[work])
    script = ["-s", str(HERE / "mix.lua")] if mix else ["-H", "Metadata-Flavor: Google"]
    output = subprocess.run(
        ["wrk", "-t1", "-c32", f"-d{seconds}s", "--latency", *script, target], capture_output=True, text=True, check=True).stdout
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    if "Socket errors" in output or (others and (not mix or int(others.group(1)) > 0.06 * requests)):
        sys.exit(f"measure: not everything was answered:\n{output}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", output).group(1)), milliseconds(re.search(r"^\s+99%\s+(\S+)", output, re.MULTILINE).group(1))


def measure_throughput(server, folder, rounds, seconds):
    mds = subprocess.Popen(
        [server, "-port", str(MDS_PORT), "-metricsPort", str(ADMIN_PORT), "-configFile", str(HERE / "claims.json"), "--local"],
        stdout=subprocess.DEVNULL)
    nginx = None
    try:
        wait_for(MDS_PORT, mds)
        configuration = (HERE / "nginx.conf.template").read_text()
        for name, value in {"FOLDER": folder, "PORT": NGINX_PORT, "LOCATIONS": nginx_locations()}.items():
            configuration = configuration.replace(f"%{name}%", str(value))
        (folder / "nginx.conf").write_text(configuration)
        nginx = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")])
        wait_for(NGINX_PORT, nginx)
        compare_answers()
        works = [LEAF, TOKEN, TREE, MIX]
        say("==> warming up")
        for work in works:
            wrk(MDS_PORT, work, 3)
            wrk(NGINX_PORT, work, 1)
        figures = {work: {"nginx": [], "MDS": []} for work in works}
        for number in range(rounds):
            # Who begins changes, so that what disturbs a round disturbs both alike.
            turn = [("nginx", NGINX_PORT), ("MDS", MDS_PORT)][::1 if number % 2 == 0 else -1]
            for work in works:
                for name, port in turn:
                    figures[work][name].append(wrk(port, work, seconds))
                shown = ", ".join(f"{name} {figures[work][name][-1][0]:,.0f}/s (p99 {figures[work][name][-1][1]:.2f} ms)" for name, _ in turn)
                say(f"==> round {number + 1} of {rounds}, {work}: {shown}")
        sizes = {work: len(get(MDS_PORT, path)[2]) for work, path in PATHS.items()}
        return figures, sizes
    finally:
        for process in filter(None, (nginx, mds)):
            process.terminate()
            process.wait()


def start(command, port, path):
    """Milliseconds from the start to the first answer, and the kilobytes of anonymous memory when all is quiet."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        status = get(port, path)[0]
        taken = (time.perf_counter() - begin) * 1000
        if status != 200:
            sys.exit(f"measure: {command[0]} answered {status}.")
        time.sleep(3)
        memory = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return taken, int(re.search(r"RssAnon:\s+(\d+) kB", memory).group(1))
    finally:
        process.terminate()
        process.wait()


def measure_start(server, smallest, rounds):
    commands = {
        "smallest": ([smallest, "--urls", f"http://127.0.0.1:{SMALLEST_PORT}"], SMALLEST_PORT, "/"),
        "MDS": (
            [server, "-port", str(MDS_PORT), "-metricsPort", str(ADMIN_PORT), "-configFile", str(HERE / "claims.json")],
            MDS_PORT, PATHS[LEAF]),
    }
    figures = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = start(*command)
            # The first start reads the program from the disk.
            if number > 0:
                figures[name].append(taken)
                say(f"==> start {number} of {rounds}, {name}: {taken[0]:.0f} ms to the first answer, {taken[1]:,} kB")
    return figures


def memory_and_threads(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status).group(1)) for name in ("RssAnon", "Threads"))


def waiters_of(port):
    return float(re.search(r"^mds_waiters (\S+)", get(port, "/metrics")[2].decode(), re.MULTILINE).group(1))


def read_all(clients, expected):
    """Reads one answer from each, whoever is answered first; they are short enough to come in one piece."""
    poll = select.epoll()
    by_number = {client.fileno(): client for client in clients}
    for number in by_number:
        poll.register(number, select.EPOLLIN)
    answers = []
    while len(answers) < len(clients):
        for number, _ in poll.poll():
            answers.append(by_number[number].recv(4096))
    taken = time.perf_counter()
    poll.close()
    wrong = [answer for answer in answers if not answer.startswith(b"HTTP/1.1 200 OK\r\n") or not answer.endswith(expected)]
    if wrong:
        sys.exit(f"measure: {len(wrong)} waiters were answered otherwise, such as:\n{wrong[0]}")
    return taken


def measure_waiters(server, folder, rounds):
    """Seconds from putting a changed file in place until the last of many waiters has read its answer; memory and threads."""
    needed, (_, most) = WAITERS + 100, resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < needed:
        sys.exit(f"measure: {WAITERS} waiters need {needed} open files and the hard limit is {most}: ulimit -Hn {needed}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    claims = json.loads((HERE / "claims.json").read_text())

    def put_in_place(name):
        claims["instance"]["name"] = name
        (folder / "claims.new").write_text(json.dumps(claims))
        (folder / "claims.new").rename(folder / "claims.json")

    put_in_place("before")
    process = subprocess.Popen(
        [server, "-port", str(MDS_PORT), "-metricsPort", str(ADMIN_PORT), "-configFile", str(folder / "claims.json")], stdout=subprocess.DEVNULL)
    clients = []
    try:
        wait_for(MDS_PORT, process)
        before = memory_and_threads(process)
        clients.extend(socket.create_connection(("127.0.0.1", MDS_PORT)) for _ in range(WAITERS))
        request = f"GET {V1}instance/name?wait_for_change=true HTTP/1.1\r\nHost: metadata\r\nMetadata-Flavor: Google\r\n\r\n".encode()
        figures = []
        for number in range(rounds):
            for client in clients:
                client.sendall(request)
            while waiters_of(ADMIN_PORT) < WAITERS:
                time.sleep(0.01)
            waiting = memory_and_threads(process)
            name = f"after-{number}"
            begin = time.perf_counter()
            put_in_place(name)
            figures.append((read_all(clients, name.encode()) - begin, *waiting))
            say(f"==> change {number + 1} of {rounds}: {WAITERS:,} waiters had heard of it within {figures[-1][0] * 1000:,.0f} ms")
        return before, figures
    finally:
        for client in clients:
            client.close()
        process.terminate()
        process.wait()


def benchmarks(folder):
    """Median nanoseconds and bytes allocated for each benchmark, by its name and parameter."""
    results = {}
    for report in folder.glob("results/*-report-brief.json"):
        for benchmark in json.loads(report.read_text())["Benchmarks"]:
            results[benchmark["Method"], benchmark["Parameters"]] = (
                benchmark["Statistics"]["Median"], benchmark["Memory"]["BytesAllocatedPerOperation"])
    return results


def median(values):
    return statistics.median(values)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


class Bounds:
    """Judges figures; remembers whether any missed."""

    def __init__(self):
        self.misses = 0

    def judge(self, holds):
        self.misses += not holds
        return "PASS" if holds else "MISS"


def report(figures, sizes, starts, waiters, costs, options):
    bounds = Bounds()
    sections = []
    rate = {work: {name: median(x[0] for x in values) for name, values in both.items()} for work, both in figures.items()}
    p99 = {work: {name: median(x[1] for x in values) for name, values in both.items()} for work, both in figures.items()}
    rows = []
    for work, bound in ((LEAF, 0.80), (TOKEN, 0.75), (TREE, 0.80)):
        ratio = rate[work]["MDS"] / rate[work]["nginx"]
        rows.append([
            f"{work} ({sizes[work]:,} bytes)", f"{rate[work]['nginx']:,.0f}", f"{rate[work]['MDS']:,.0f}",
            f"{ratio:.2f}", f"at least {bound:.2f}", bounds.judge(ratio >= bound)])
    ratio = rate[MIX]["MDS"] / rate[LEAF]["nginx"]
    rows.append([
        "the mix, against nginx's leaf", f"{rate[LEAF]['nginx']:,.0f}", f"{rate[MIX]['MDS']:,.0f}", f"{ratio:.2f}", "at least 0.75",
        bounds.judge(ratio >= 0.75)])
    rows.append(["the mix, nginx too", f"{rate[MIX]['nginx']:,.0f}", f"{rate[MIX]['MDS']:,.0f}", f"{rate[MIX]['MDS'] / rate[MIX]['nginx']:.2f}", "", ""])
    sections.append("## Requests per second\n\n" + table(["work", "nginx", "MDS", "ratio", "bound", ""], rows))

    ratio = p99[MIX]["MDS"] / p99[MIX]["nginx"]
    sections.append("## 99th percentile under the mix, in milliseconds\n\n" + table(
        ["", "nginx", "MDS", "ratio", "bound", ""],
        [["p99", f"{p99[MIX]['nginx']:.2f}", f"{p99[MIX]['MDS']:.2f}", f"{ratio:.2f}", "at most 2.00", bounds.judge(ratio <= 2)]]))

    (memory, threads), changes = waiters
    taken, held, used = zip(*changes)
    sections.append(f"## {WAITERS:,} clients that wait for a change\n\n" + table(
        ["", "MDS", "bound", ""],
        [
            ["from the change of the file until the last has read its answer", f"{median(taken) * 1000:,.0f} ms", "", ""],
            ["the slowest round", f"{max(taken) * 1000:,.0f} ms", "at most 1,000 ms", bounds.judge(max(taken) <= 1)],
            ["threads while they wait", f"{max(used)}, and {threads} before", "at most 100", bounds.judge(max(used) <= 100)],
            ["memory for each", f"{(median(held) - memory) / WAITERS:,.1f} kB", "", ""],
        ]))

    rows = []
    for index, (name, unit) in enumerate((("start to first answer", "ms"), ("anonymous memory, idle", "kB"))):
        ours, theirs = (median(x[index] for x in starts[name]) for name in ("MDS", "smallest"))
        rows.append([name, f"{theirs:,.0f} {unit}", f"{ours:,.0f} {unit}", f"{ours / theirs:.2f}", "at most 1.30", bounds.judge(ours / theirs <= 1.3)])
    sections.append("## Start and memory, against the smallest ASP.NET Core program\n\n" + table(
        ["", "smallest", "MDS", "ratio", "bound", ""], rows))

    rows = [
        [parameter.removeprefix("Work="), f"{nanoseconds:,.0f} ns", f"{allocated} B", "0 B", bounds.judge(allocated == 0)]
        for (name, parameter), (nanoseconds, allocated) in costs.items() if name == "Answer"]
    sections.append("## One answer on the fast lane, from the bytes of the request to those of the answer\n\n" + table(
        ["work", "time", "allocated", "bound", ""], rows))

    builds = {int(parameter.removeprefix("Attributes=")): cost[0] for (name, parameter), cost in costs.items() if name == "Build"}
    smallest = min(builds)
    rows = []
    for size, nanoseconds in sorted(builds.items()):
        each, first = nanoseconds / size, builds[smallest] / smallest
        rows.append([
            f"{size:,}", f"{nanoseconds / 1e6:,.1f} ms", f"{each:,.0f} ns", "" if size == smallest else f"{each / first:.2f}",
            "" if size == smallest else "at most 1.50", "" if size == smallest else bounds.judge(each / first <= 1.5)])
    sections.append("## A tree of so many attributes: building it\n\n" + table(
        ["attributes", "time", "for each", "ratio to the first", "bound", ""], rows))

    finds = {int(parameter.removeprefix("Attributes=")): cost[0] for (name, parameter), cost in costs.items() if name == "Find"}
    rows = []
    for size, nanoseconds in sorted(finds.items()):
        ratio = nanoseconds / finds[min(finds)]
        rows.append([f"{size:,}", f"{nanoseconds:,.1f} ns"] + (["", "", ""] if size == min(finds) else [
            f"{ratio:.2f}", "at most 1.30", bounds.judge(ratio <= 1.3)]))
    sections.append("## A tree of so many attributes: finding one\n\n" + table(["attributes", "time", "ratio", "bound", ""], rows))

    verdict = "Every bound holds." if bounds.misses == 0 else f"{bounds.misses} bound(s) missed."
    head = f"""# Results of `make bench`

{verdict} What is measured, and how: [docs/performance.md](../docs/performance.md).

{machine(options)}"""
    return "\n\n".join([head, *sections]) + "\n", bounds.misses


def machine(options):
    def output(*command):
        return subprocess.run(command, capture_output=True, text=True, check=False)

    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 1024 / 1024
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text()).group(1)
    rows = [
        ["date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")],
        ["machine", f"{os.cpu_count()} × {cpu.group(1) if cpu else platform.machine()}, {memory:.0f} GiB"],
        ["system", f"{system}, Linux {platform.release()}"],
        ["load before and after", f"{options.load:.1f}, {os.getloadavg()[0]:.1f} (what else ran on the machine, and wrk itself)"],
        ["MDS", output(options.server, "--version").stdout.strip() + f", .NET {options.runtime}"],
        ["nginx", output("nginx", "-v").stderr.strip().removeprefix("nginx version: ")],
        ["wrk", output("wrk", "-v").stdout.split(" [")[0]],
        ["rounds", f"{options.rounds}, {options.seconds} s each; medians"],
    ]
    return table(["", ""], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the published mds-server")
    parser.add_argument("--smallest", required=True, help="the published bench/Smallest")
    parser.add_argument("--benchmarks", required=True, type=pathlib.Path, help="BenchmarkDotNet's artifacts")
    parser.add_argument("--folder", required=True, type=pathlib.Path, help="where files may be left")
    parser.add_argument("--runtime", required=True, help="the version of .NET")
    parser.add_argument("--results", required=True, type=pathlib.Path, help="the page to write")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    options.load = os.getloadavg()[0]
    try:
        # All that is measured is one session, which the kernel weighs as one against the others of the machine: what else
        # runs disturbs less, and both alike. Only root may, and only kernels that group sessions know it.
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass
    figures, sizes = measure_throughput(options.server, options.folder, options.rounds, options.seconds)
    starts = measure_start(options.server, options.smallest, options.rounds)
    waiters = measure_waiters(options.server, options.folder, options.rounds)
    page, misses = report(figures, sizes, starts, waiters, benchmarks(options.benchmarks), options)
    # What bench/tpm measured stays until it measures again.
    old = options.results.read_text() if options.results.exists() else ""
    signatures = re.search(r"^## Signatures by a TPM\n.*?(?=^## |\Z)", old, re.MULTILINE | re.DOTALL)
    options.results.write_text(page + ("\n" + signatures.group() if signatures else ""))
    say("\n" + page)
    sys.exit(1 if misses else 0)


if __name__ == "__main__":
    main()
