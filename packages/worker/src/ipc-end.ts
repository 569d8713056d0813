/** One end of a pair that passes values both ways between processes, whatever carries it. */
import type { ChildProcess } from 'node:child_process';
import type { MessagePort } from 'node:worker_threads';

/** An end. Values arrive whole and in order, or not at all once it is closed. */
export interface IpcEnd {
  readonly isOpen: boolean;
  /** Calls `done` when the value has left this process, or never will. */
  send(value: unknown, done: () => void): void;
  listen(listener: { onValue(value: unknown): void; onClose(): void }): void;
  close(): void;
}

/** The end that is held by the parent of a forked process, or by that process itself (`process`). */
export function processEnd(owner: ChildProcess | NodeJS.Process): IpcEnd {
  return {
    get isOpen() {
      return owner.connected === true;
    },
    send(value, done) {
      if (owner.connected !== true || !owner.send) return done();
      owner.send(value as object, undefined, undefined, () => done());
    },
    listen({ onValue, onClose }) {
      owner.on('message', onValue);
      owner.on('disconnect', onClose);
    },
    close() {
      if (owner.connected === true) owner.disconnect?.();
    },
  };
}

/** An end inside one process, between threads; it passes copies as processes do. */
export function portEnd(port: MessagePort): IpcEnd {
  let isOpen = true;
  port.on('close', () => void (isOpen = false));
  return {
    get isOpen() {
      return isOpen;
    },
    send(value, done) {
      if (isOpen) port.postMessage(value);
      setImmediate(done);
    },
    listen({ onValue, onClose }) {
      port.on('message', onValue);
      port.on('close', onClose);
    },
    close() {
      port.close();
    },
  };
}
