/**
 * Carries messages between scheduler and workers. Treated as lossy by both sides: messages may be lost,
 * repeated, delayed or reordered, but never altered, and a peer's name is authentic. Sending never blocks
 * and never throws: what cannot be sent is dropped. `transportContract` of @hera/core/testing is the test.
 */
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';

export interface SchedulerTransport {
  /** Begins to take messages; called once. */
  listen(listener: SchedulerListener): Promise<void>;
  /** One frame to one worker; dropped when it is not connected or its queue is full. */
  send(worker: string, messages: readonly SchedulerMessage[]): void;
  close(): Promise<void>;
}

export interface SchedulerListener {
  onMessage(worker: string, message: WorkerMessage): void;
  /** The connection is gone, as far as the carrier can tell. */
  onDisconnect(worker: string): void;
}

export interface WorkerTransport {
  /** Connects and goes on reconnecting until closed; called once. */
  connect(listener: WorkerListener): Promise<void>;
  send(messages: readonly WorkerMessage[]): void;
  close(): Promise<void>;
}

export interface WorkerListener {
  onConnect(): void;
  onMessage(message: SchedulerMessage): void;
  onDisconnect(): void;
}
