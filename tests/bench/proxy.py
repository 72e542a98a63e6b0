"""A TCP proxy on loopback that delays what passes, each way by half of a round trip.

What arrives is sent on at its own time of arrival plus the delay, so that any amount may be on its
way at once: latency grows, throughput does not shrink.  A connection is opened without delay, where
a network would take a round trip more.
"""
import contextlib
import ctypes
import queue
import socket
import threading
import time

PR_SET_TIMERSLACK = 29


def precise_sleeps():
    """Linux may wake a thread 50 us late; ask it not to."""
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)


class DelayProxy:
    def __init__(self, port, round_trip):
        self.target = ("127.0.0.1", port)
        self.delay = round_trip / 2
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self.target)
            for source, sink in ((client, server), (server, client)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pending = queue.SimpleQueue()
                for work in (self._read, self._write):
                    threading.Thread(target=work, args=(source, sink, pending), daemon=True).start()

    def _read(self, source, _, pending):
        while True:
            try:
                data = source.recv(1 << 18)
            except OSError:
                data = b""
            pending.put((time.monotonic() + self.delay, data))
            if not data:
                return

    @staticmethod
    def _write(source, sink, pending):
        precise_sleeps()
        while True:
            due, data = pending.get()
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            try:
                if data:
                    sink.sendall(data)
                else:
                    sink.shutdown(socket.SHUT_WR)
                    return
            except OSError:
                # Whoever reads must not go on filling the queue for a sink that is gone.
                with contextlib.suppress(OSError):
                    source.shutdown(socket.SHUT_RDWR)
                return

    def close(self):
        self.listener.close()
