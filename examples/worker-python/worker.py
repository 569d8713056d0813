#!/usr/bin/env python3
"""A Hera worker in Python: runs attempts of kind `shell`, over ZeroMQ, without any code of Hera.

    worker.py enroll --server tcp://HOST:PORT --token TOKEN --name NAME --home DIR
    worker.py run    --home DIR [--slots N]

It is as small as the protocol allows (docs/reference/protocol.md). What it leaves out: it ships no logs (they
stay in DIR/attempts), finds no attempt again after its own restart, and has nobody who enforces a lease while
it is dead. So give its jobs the loss policy `hold` or `rerun`.
"""
import argparse
import base64
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time

import zmq
from zmq.utils import z85

PREFIX = b'hera/1 '
BEAT_S = 2.0
SILENCE_S = 10.0
PULSE_S = 4.0


def proof_of(secret_key):
    return hashlib.sha256(b'hera proof\n' + secret_key.encode()).hexdigest()


def write_private(path, value):
    """Writes aside, syncs and renames: a crash leaves the old file or the new one."""
    aside = path + '.new'
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(aside, path)


def read_json(path, otherwise):
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return otherwise


def dial(address, server_key, public_key, secret_key):
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.linger = 0
    socket.immediate = True
    if address.startswith('tcp:'):
        socket.curve_serverkey = server_key.encode()
        socket.curve_publickey = public_key.encode()
        socket.curve_secretkey = secret_key.encode()
    socket.connect(address)
    return socket


def send(socket, head, link, body):
    try:
        socket.send_multipart([PREFIX + head, link, json.dumps(body).encode()], zmq.NOBLOCK)
    except zmq.Again:
        pass  # Lost, as the protocol allows.


def receive(socket):
    """The frames that have come: head, link, body."""
    while True:
        try:
            parts = socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return
        if len(parts) >= 3 and parts[0].startswith(PREFIX):
            yield parts[0][len(PREFIX):], parts[1], json.loads(parts[2] or b'{}')


def enroll(options):
    """Makes the keys, keeps them, and shows the token once."""
    raw = base64.urlsafe_b64decode(options.token.strip().removeprefix('hera1_'))
    token_public, token_secret, server_key = (z85.encode(raw[n:n + 32]).decode() for n in (0, 32, 64))
    path = os.path.join(options.home, 'identity.json')
    identity = read_json(path, None)
    if identity is None:
        public, secret = (key.decode() for key in zmq.curve_keypair())
        identity = {'worker': options.name, 'keys': {'publicKey': public, 'secretKey': secret}}
        write_private(path, identity)
    keys = identity['keys']
    socket = dial(options.server, server_key, token_public, token_secret)
    link = secrets.token_hex(8).encode()
    request = {
        'tokenKey': token_public, 'tokenProof': proof_of(token_secret), 'worker': options.name,
        'publicKey': keys['publicKey'], 'proof': proof_of(keys['secretKey']),
    }
    socket.sndtimeo = socket.rcvtimeo = 10_000
    try:
        socket.send_multipart([PREFIX + b'enroll', link, json.dumps(request).encode()])
        head, _, body = socket.recv_multipart()
    except zmq.Again:
        sys.exit('The server does not answer: the token is unknown, used up or expired, or it is no server.')
    answer = json.loads(body)
    if head != PREFIX + b'enrolled':
        sys.exit(f'The server refused the enrolment: {answer.get("code")}')
    servers = answer['servers'] or [{'address': options.server, 'publicKey': server_key}]
    write_private(path, {**identity, 'servers': servers, 'pools': answer['pools'], 'labels': answer['labels']})


class Server:
    """A connection to one server: joins, keeps alive, and joins again."""

    def __init__(self, place, identity):
        self.place, self.identity = place, identity
        self.socket = None
        self.dial()

    def dial(self):
        if self.socket:
            self.socket.close()
        keys = self.identity['keys']
        self.socket = dial(self.place['address'], self.place.get('publicKey', ''), keys['publicKey'], keys['secretKey'])
        self.is_joined, self.leads, self.epoch = False, None, 0
        self.heard_at = time.monotonic()
        self.beat_at = 0.0

    def join(self):
        keys = self.identity['keys']
        self.link = secrets.token_hex(8).encode()
        self.is_joined = False
        send(self.socket, b'join', self.link, {
            'worker': self.identity['worker'], 'publicKey': keys['publicKey'], 'proof': proof_of(keys['secretKey']),
        })

    def beat(self, now):
        if now - self.heard_at > SILENCE_S:
            self.dial()
        if now < self.beat_at:
            return
        # Not all at once: half to one and a half beats.
        self.beat_at = now + BEAT_S * (0.5 + secrets.randbelow(1000) / 1000)
        if self.is_joined:
            send(self.socket, b'beat', self.link, {})
        else:
            self.join()

    def take(self):
        """Messages that have come; whatever else comes is seen to here."""
        for head, link, body in receive(self.socket):
            if head == b'again':
                self.join()
            if link != self.link:
                continue
            self.heard_at = time.monotonic()
            if head == b'ready':
                self.is_joined = True
            if head in (b'ready', b'beat') and body.get('leadership'):
                self.leads, self.epoch = body['leadership']['leads'], body['leadership']['epoch']
            elif head in (b'refused', b'bye'):
                self.is_joined = False
            elif head == b'messages':
                yield from body


class Worker:
    def __init__(self, home, slots):
        self.home = home
        self.slots = slots
        self.identity = read_json(os.path.join(home, 'identity.json'), None) or sys.exit('Enrol first.')
        self.servers = [Server(place, self.identity) for place in self.identity['servers']]
        self.processes = {}
        self.journal_path = os.path.join(home, 'journal.json')
        self.journal = read_json(self.journal_path, {'session': int(time.time()), 'epoch': 0, 'open': {}, 'done': []})
        self.lease_ms, self.lease_ends = None, None
        self.sent, self.seq = {}, 0
        self.is_known, self.pulse_at = False, 0.0
        self.greeted = set()
        self.journal['session'] += 1
        for attempt, entry in self.journal['open'].items():
            if entry['state'] != 'ended':
                self.kill_group(entry.get('pid'))
                self.end(attempt, 'failed', None, failure='host', message='The worker was restarted.')
        self.save()

    def save(self):
        """What is decided here is on disk before anybody hears of it."""
        self.journal['done'] = self.journal['done'][-10_000:]
        write_private(self.journal_path, self.journal)

    def end(self, attempt, state, code, **more):
        entry = self.journal['open'].setdefault(attempt, {})
        outcome = {'state': state, 'exitCode': code, **more}
        entry.update(state='ended', endedAt=int(time.time() * 1000), outcome=outcome)
        entry.setdefault('startedAt', None)

    def entries(self, attempts=None):
        fields = {'accepted': (), 'running': ('startedAt',), 'ended': ('startedAt', 'endedAt', 'outcome')}
        return [
            {'attempt': name, 'state': entry['state'], **{key: entry[key] for key in fields[entry['state']]}}
            for name, entry in self.journal['open'].items() if attempts is None or name in attempts
        ]

    # What is said

    def targets(self):
        joined = [server for server in self.servers if server.is_joined]
        leaders = sorted((server for server in joined if server.leads), key=lambda server: server.epoch)
        return leaders[-1:] or [server for server in joined if server.leads is None]

    def say(self, *messages):
        for server in self.targets():
            send(server.socket, b'messages', server.link, list(messages))

    def pulse(self):
        self.seq += 1
        self.sent[self.seq] = time.monotonic()
        self.pulse_at = time.monotonic() + PULSE_S
        pulse = {
            'type': 'pulse', 'epoch': self.journal['epoch'], 'session': self.journal['session'], 'seq': self.seq,
            'draining': False, 'load': {'memoryShare': 0, 'loadPerCore': 0, 'memoryFreeBytes': 0},
            'journal': self.entries(),
        }
        self.say(*([] if self.is_known else [self.hello()]), pulse)

    def hello(self):
        with open('/proc/sys/kernel/random/boot_id') as file:
            boot = file.read().strip()
        profile = {
            'worker': self.identity['worker'], 'boot': boot, 'slots': self.slots,
            'pools': self.identity['pools'] or ['default'], 'labels': self.identity['labels'], 'kinds': ['shell'],
            'functions': [], 'enrolled': True, 'pid': os.getpid(), 'version': 'python-1',
        }
        return {
            'type': 'hello', 'v': 1, 'session': self.journal['session'], 'epoch': self.journal['epoch'],
            'profile': profile,
        }

    def report(self, attempts):
        entries = self.entries(attempts)
        if entries:
            self.say({'type': 'report', 'epoch': self.journal['epoch'], 'session': self.journal['session'],
                      'entries': entries})

    # What is heard

    def hear(self, message):
        if message['epoch'] < self.journal['epoch']:
            return  # Of a leader that has been replaced.
        if message['epoch'] > self.journal['epoch']:
            self.journal['epoch'] = message['epoch']
            self.is_known = False
            self.save()
            self.pulse()
        kind = message['type']
        if kind == 'welcome':
            self.lease_ms = message['leaseMs']
            if not self.is_known:
                self.pulse_at = min(self.pulse_at, time.monotonic() + 0.1)
        elif kind == 'ack' and message['session'] == self.journal['session'] and message['seq'] in self.sent:
            # Counted from when the pulse was sent, not from when its answer came.
            sent_at = self.sent[message['seq']]
            self.sent = {seq: at for seq, at in self.sent.items() if seq > message['seq']}
            self.is_known = True
            if self.lease_ms is not None:
                self.lease_ends = sent_at + self.lease_ms / 1000
        elif kind == 'exec' and message['session'] == self.journal['session'] and self.holds_lease():
            self.accept(message['work'])
        elif kind == 'kill':
            self.kill(message['attempts'])
        elif kind == 'fin':
            for attempt in message['attempts']:
                if self.journal['open'].get(attempt, {}).get('state') == 'ended':
                    del self.journal['open'][attempt]
                    self.journal['done'].append(attempt)
            self.save()

    def holds_lease(self):
        return self.lease_ends is not None and time.monotonic() < self.lease_ends

    def accept(self, works):
        new = [work for work in works
               if work['attempt'] not in self.journal['open'] and work['attempt'] not in self.journal['done']]
        for work in new:
            self.journal['open'][work['attempt']] = {'state': 'accepted', 'policy': work['onWorkerLost']}
        self.save()
        for work in new:
            self.start(work)
        self.save()
        self.report([work['attempt'] for work in new])

    def start(self, work):
        attempt, entry = work['attempt'], self.journal['open'][work['attempt']]
        folder = os.path.join(self.home, 'attempts', hashlib.sha256(attempt.encode()).hexdigest()[:16])
        os.makedirs(folder, mode=0o700, exist_ok=True)
        script = '\n'.join([*work['pre'], work['script'], *work['post']])
        for place, secret in work['secrets'].items():
            script = script.replace(place, secret)
        env = {
            **os.environ, **work['env'], 'HERA_ATTEMPT': attempt, 'HERA_JOB': work['job'], 'HERA_RUN': work['run'],
            'HERA_BUSINESS_DATE': work['slot']['businessDate'], 'HERA_RESULT': os.path.join(folder, 'result.json'),
        }
        with open(os.path.join(folder, 'output.log'), 'ab') as log:
            process = subprocess.Popen(['sh', '-e', '-c', script], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
        entry.update(state='running', startedAt=int(time.time() * 1000), pid=process.pid)
        times_out_at = time.monotonic() + work['timeoutMs'] / 1000 if work['timeoutMs'] else None
        self.processes[attempt] = {'process': process, 'folder': folder, 'grace': work['graceMs'] / 1000,
                                   'times_out_at': times_out_at, 'why': None, 'kill_at': None}

    def kill(self, attempts, why='canceled'):
        for attempt in attempts:
            running = self.processes.get(attempt)
            if running and running['why'] is None:
                running['why'] = why
                running['kill_at'] = time.monotonic() + running['grace']
                self.kill_group(running['process'].pid, signal.SIGTERM)
            elif not running and attempt not in self.journal['open'] and attempt not in self.journal['done']:
                # Its order was lost, or comes later: then it must start nothing.
                self.end(attempt, 'canceled', None)
        self.save()
        self.report(attempts)

    @staticmethod
    def kill_group(pid, number=signal.SIGKILL):
        try:
            if pid and os.getsid(pid) == pid:
                os.killpg(pid, number)
        except ProcessLookupError:
            pass

    def look_after(self, now):
        """Ends what has ended, and what must."""
        ended = []
        for attempt, running in list(self.processes.items()):
            if running['times_out_at'] and now > running['times_out_at'] and running['why'] is None:
                self.kill([attempt], 'timedOut')
            if running['kill_at'] and now > running['kill_at']:
                self.kill_group(running['process'].pid)
            code = running['process'].poll()
            if code is None:
                continue
            self.kill_group(running['process'].pid)
            del self.processes[attempt]
            ended.append(attempt)
            if code == 0:
                self.end(attempt, 'succeeded', 0, **self.result(running['folder']))
            elif running['why']:
                self.end(attempt, running['why'], None, killComplete=True)
            else:
                self.end(attempt, 'failed', code if code > 0 else 128 - code, failure='unknown')
        if ended:
            self.save()
            self.report(ended)
        if self.lease_ends is not None and now >= self.lease_ends:
            # Nobody has answered for a lease: orders of before are void, and `fence` attempts must not live.
            self.lease_ends, self.is_known, self.sent = None, False, {}
            self.journal['session'] += 1
            self.kill([name for name in self.processes if self.journal['open'][name]['policy'] == 'fence'], 'failed')

    @staticmethod
    def result(folder):
        try:
            with open(os.path.join(folder, 'result.json')) as file:
                return {'result': json.dumps(json.loads(file.read(65_536)))}
        except (FileNotFoundError, ValueError):
            return {}

    def run(self):
        poller = zmq.Poller()
        while True:
            now = time.monotonic()
            for server in self.servers:
                before = server.socket
                server.beat(now)
                if server.socket not in dict(poller.sockets):
                    if before in dict(poller.sockets):
                        poller.unregister(before)
                    poller.register(server.socket, zmq.POLLIN)
            poller.poll(50)
            for server in self.servers:
                for message in server.take():
                    # Whoever speaks with the newest epoch leads, whether it says so or not.
                    if message['epoch'] >= max(other.epoch for other in self.servers):
                        server.leads, server.epoch = True, message['epoch']
                    self.hear(message)
            self.look_after(time.monotonic())
            targets = {server.link for server in self.targets()}
            if targets - self.greeted:
                self.is_known, self.pulse_at = False, 0.0
            self.greeted = targets
            if targets and time.monotonic() >= self.pulse_at:
                self.pulse()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest='verb', required=True)
    enrolling = verbs.add_parser('enroll')
    for name in ('server', 'token', 'name'):
        enrolling.add_argument('--' + name, required=True)
    running = verbs.add_parser('run')
    running.add_argument('--slots', type=int, default=2)
    for verb in (enrolling, running):
        verb.add_argument('--home', required=True)
    options = parser.parse_args()
    os.makedirs(options.home, mode=0o700, exist_ok=True)
    if options.verb == 'enroll':
        enroll(options)
    else:
        Worker(options.home, options.slots).run()


if __name__ == '__main__':
    main()
