/**
 * Scheduler and agents on one machine, over the channels of forked processes: no port, no file, nothing to
 * configure. What one turn sends goes as one frame. Frames that a process does not read pile up in its
 * parent, so only so many may be under way; the protocol bears the loss of the rest.
 */
import type { SchedulerListener, SchedulerTransport, WorkerListener, WorkerTransport } from '@hera/core';
import type { SchedulerMessage, WorkerMessage } from '@hera/core/protocol';
import type { IpcEnd } from './ipc-end.js';

/** What travels: messages, and the few words that make a connection of a channel. */
type Frame =
  | { readonly t: 'join' }
  | { readonly t: 'ready' }
  | { readonly t: 'leave' }
  | { readonly t: 'messages'; readonly messages: readonly unknown[] };

const FRAMES_MAX = 64;
const MESSAGES_MAX = 10_000;

/** The scheduler's side of any number of agents on this machine. */
export interface ProcessChannel extends SchedulerTransport {
  /** Takes the channel of an agent under its name; a newer one of the same name takes its place. */
  attach(name: string, end: IpcEnd): void;
}

/** Makes a channel without agents. */
export function createProcessChannel(): ProcessChannel {
  return new Channel();
}

/** The agent's side of a channel. */
export function createProcessTransport(end: IpcEnd): WorkerTransport {
  return new AgentSide(end);
}

/** Gathers what one turn sends, and drops what would pile up. */
class Outlet {
  readonly #end: IpcEnd;
  #messages: unknown[] = [];
  #isScheduled = false;
  #underWay = 0;

  constructor(end: IpcEnd) {
    this.#end = end;
  }

  push(messages: readonly unknown[]): void {
    if (this.#messages.length + messages.length > MESSAGES_MAX) return;
    this.#messages.push(...messages);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    const messages = this.#messages;
    this.#messages = [];
    if (messages.length === 0 || this.#underWay >= FRAMES_MAX) return;
    this.say({ t: 'messages', messages });
  }

  say(frame: Frame): void {
    this.#underWay += 1;
    this.#end.send(frame, () => void (this.#underWay -= 1));
  }
}

class Link {
  readonly name: string;
  readonly end: IpcEnd;
  readonly outlet: Outlet;
  /** The agent asked to be connected. */
  isJoined = false;
  /** It was told that it is. */
  isReady = false;

  constructor(name: string, end: IpcEnd) {
    this.name = name;
    this.end = end;
    this.outlet = new Outlet(end);
  }
}

class Channel implements ProcessChannel {
  readonly #links = new Map<string, Link>();
  #listener: SchedulerListener | null = null;

  attach(name: string, end: IpcEnd): void {
    const link = new Link(name, end);
    const old = this.#links.get(name);
    if (old) this.#leave(old);
    this.#links.set(name, link);
    end.listen({
      onValue: (value) => this.#onFrame(link, value as Frame),
      onClose: () => this.#leave(link),
    });
  }

  listen(listener: SchedulerListener): Promise<void> {
    this.#listener = listener;
    for (const link of this.#links.values()) this.#welcome(link);
    return Promise.resolve();
  }

  send(worker: string, messages: readonly SchedulerMessage[]): void {
    const link = this.#links.get(worker);
    if (link?.isReady) link.outlet.push(messages);
  }

  close(): Promise<void> {
    this.#listener = null;
    for (const link of this.#links.values()) {
      if (link.isReady) link.outlet.say({ t: 'leave' });
      link.isReady = false;
    }
    return Promise.resolve();
  }

  #onFrame(link: Link, frame: Frame): void {
    if (this.#links.get(link.name) !== link) return;
    switch (frame.t) {
      case 'join':
        link.isJoined = true;
        this.#welcome(link);
        return;
      case 'leave':
        this.#leave(link);
        return;
      case 'messages':
        if (!link.isReady) return;
        for (const message of frame.messages) this.#listener?.onMessage(link.name, message as WorkerMessage);
        return;
      case 'ready':
        return;
    }
  }

  #welcome(link: Link): void {
    if (!this.#listener || !link.isJoined || link.isReady) return;
    link.isReady = true;
    link.outlet.say({ t: 'ready' });
  }

  #leave(link: Link): void {
    const wasReady = link.isReady;
    link.isReady = false;
    link.isJoined = false;
    if (this.#links.get(link.name) === link && !link.end.isOpen) this.#links.delete(link.name);
    if (wasReady) this.#listener?.onDisconnect(link.name);
  }
}

class AgentSide implements WorkerTransport {
  readonly #end: IpcEnd;
  readonly #outlet: Outlet;
  #listener: WorkerListener | null = null;
  #isReady = false;

  constructor(end: IpcEnd) {
    this.#end = end;
    this.#outlet = new Outlet(end);
  }

  connect(listener: WorkerListener): Promise<void> {
    this.#listener = listener;
    this.#end.listen({ onValue: (value) => this.#onFrame(value as Frame), onClose: () => this.#lost() });
    this.#outlet.say({ t: 'join' });
    return Promise.resolve();
  }

  send(messages: readonly WorkerMessage[]): void {
    if (this.#isReady) this.#outlet.push(messages);
  }

  close(): Promise<void> {
    this.#outlet.flush();
    this.#isReady = false;
    this.#listener = null;
    return new Promise((resolve) => this.#end.send({ t: 'leave' } satisfies Frame, resolve));
  }

  #onFrame(frame: Frame): void {
    switch (frame.t) {
      case 'ready':
        this.#isReady = true;
        this.#listener?.onConnect();
        return;
      case 'leave':
        this.#lost();
        // The scheduler may listen again.
        this.#outlet.say({ t: 'join' });
        return;
      case 'messages':
        for (const message of frame.messages) this.#listener?.onMessage(message as SchedulerMessage);
        return;
      case 'join':
        return;
    }
  }

  #lost(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#listener?.onDisconnect();
  }
}
