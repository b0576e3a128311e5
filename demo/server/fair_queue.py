"""Gradio's queue with turns that go round by visitor, a few waiting jobs for each, and none that nobody waits for."""

import ipaddress
import time
import weakref
from asyncio import Queue as AsyncQueue
from collections import Counter

import gradio as gr
from gradio.context import LocalContext
from gradio.queueing import Event, Queue
from gradio.server_messages import ProcessCompletedMessage
from starlette.requests import HTTPConnection

from demo.texts.language import language_of, text_for

WAITING_EACH = 16  # jobs of one visitor that wait; a page that opens sends about five
UNHEARD_SECONDS = 10  # after which a job that nobody listens to is dropped when its turn comes
_MAX_SESSIONS = 5000  # whose unread answers are remembered

listeners: Counter[str] = Counter()  # requests that listen, by the session or the job whose answer they wait for
_queues: weakref.WeakSet["FairQueue"] = weakref.WeakSet()  # of the app that runs here
Visitor = tuple[str, str]  # address, "" where it is not known, and session


class FairQueue(Queue):
    """Takes the place of Gradio's queue, which has one line for all, and no limit for each."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._served: dict[Visitor, float] = {}  # when a visitor's last job began, of time.monotonic()

    async def push(self, body, request, username):
        """Refuse a job where too many wait; what nobody listens to makes room first."""
        visitor = _find_visitor(request, body.session_hash or "")
        waiting = [event for queue in self.event_queue_per_concurrency_id.values() for event in queue.queue]
        own = [event for event in waiting if any(visitor) and _visitor_of(event) == visitor]
        crowd = own if len(own) >= WAITING_EACH else waiting
        if len(own) >= WAITING_EACH or len(waiting) >= (self.max_size or len(waiting) + 1):
            unheard = [event for event in crowd if not _is_heard(event)]
            if not unheard:
                return False, text_for("queue_full", language_of(request)), "queue_full"
            self._drop(unheard[0])
        self._forget_sessions()
        return await super().push(body, request, username)

    def send_message(self, event, event_message):
        """Gradio forgets a session's line of answers when the last one is read, even while the next one comes."""
        if event.session_hash not in self.pending_messages_per_session:
            self.pending_messages_per_session[event.session_hash] = AsyncQueue()
        super().send_message(event, event_message)

    def get_events(self):
        """The next job: of the address that was served longest ago, there of the session that was, the oldest."""
        for queue in self.event_queue_per_concurrency_id.values():
            for event in [*queue.queue]:
                if not _is_heard(event) and time.monotonic() - event.enqueue_time > UNHEARD_SECONDS:
                    self._drop(event)
            if queue.queue and (queue.concurrency_limit is None or queue.current_concurrency < queue.concurrency_limit):
                event = min(queue.queue, key=self._turn_of)
                queue.queue.remove(event)
                self._served[_visitor_of(event)] = time.monotonic()
                return [event], False, queue.concurrency_id
        self._forget_served()
        return None

    def _turn_of(self, event: Event) -> tuple[float, float, float]:
        visitor = _visitor_of(event)
        of_address = max((when for (address, _), when in self._served.items() if address == visitor[0]), default=0)
        return of_address, self._served.get(visitor, 0), event.enqueue_time

    def _forget_sessions(self) -> None:
        """Of clients that have never come back for their answers; Gradio would remember them for ever."""
        known = self.pending_event_ids_session
        for session in [*known][: max(len(known) - _MAX_SESSIONS, 0)]:
            if not listeners[session]:
                known.pop(session)

    def _forget_served(self) -> None:
        """Where nobody waits, all begin anew."""
        if self._served and len(self) == 0:
            self._served.clear()

    def _drop(self, event: Event) -> None:
        """Take a job out of the line; whoever asks for its answer later is told why there is none."""
        self.event_queue_per_concurrency_id[event.concurrency_id].queue.remove(event)
        self.event_ids_to_events.pop(event._id, None)
        told = text_for("job_dropped", language_of(event.request))
        self.send_message(event, ProcessCompletedMessage(output={"error": told}, success=False))


def take_turns(demo: gr.Blocks) -> None:
    """Give an app whose queue is made a fair one in its place."""
    made = demo._queue
    demo._queue = FairQueue(
        made.live_updates,
        made.max_thread_count,
        made.update_intervals,
        made.max_size,
        demo,
        made.default_concurrency_limit,
    )
    _queues.add(demo._queue)


def is_busy(concurrency_id: str) -> bool:
    """Whether a job of those that share this name runs now."""
    lines = [queue.event_queue_per_concurrency_id.get(concurrency_id) for queue in _queues]
    return any(line.current_concurrency for line in lines if line)


def is_abandoned() -> bool:
    """Whether nobody listens any more to the job that runs in this thread."""
    blocks, job = LocalContext.blocks.get(None), LocalContext.event_id.get(None)
    event = blocks and blocks._queue.event_ids_to_events.get(job)
    return bool(event) and not _is_heard(event) and time.monotonic() - event.enqueue_time > UNHEARD_SECONDS


def _is_heard(event: Event) -> bool:
    return listeners[event.session_hash] > 0 or listeners[event._id] > 0


def _visitor_of(event: Event) -> Visitor:
    """Jobs that were sent without a session are all of one visitor."""
    return _find_visitor(event.request, "" if event.session_hash == event._id else event.session_hash)


def _find_visitor(request: HTTPConnection, session: str) -> Visitor:
    """The address is known where it is a public one: else it is that of a proxy, which names in a header whom it
    stands for. Of several, the last was added by the proxy itself; those before it anybody can have made up."""
    named = [each.strip() for each in request.headers.get("x-forwarded-for", "").split(",")]
    direct = request.client.host if request.client else ""
    found = direct if is_public(direct) else next((each for each in reversed(named) if is_public(each)), "")
    return found, session


def is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
