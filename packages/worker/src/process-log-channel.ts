/**
 * Carries logs over the channel of a forked agent, beside its messages: pieces one way, acks the other, bytes
 * as base64 since the channel speaks JSON. The server's end puts them into a store.
 */
import type { LogAck, LogChannel, LogPiece, LogSink, Observer } from '@hera/core';
import type { IpcEnd } from './ipc-end.js';

type LogFrame =
  | { readonly t: 'log-open' }
  | { readonly t: 'log-window'; readonly bytes: number }
  | { readonly t: 'log'; readonly pieces: readonly WirePiece[] }
  | { readonly t: 'log-acks'; readonly acks: readonly LogAck[] };

type WirePiece = Omit<LogPiece, 'bytes'> & { readonly base64: string };

const WINDOW_BYTES = 4 * 1_048_576;
const nothing = () => undefined;

/** The agent's end. */
export function createProcessLogChannel(end: IpcEnd): LogChannel {
  let isClosed = false;
  const say = (frame: LogFrame) => {
    if (!isClosed) end.send(frame, nothing);
  };
  return {
    connect(listener) {
      end.listen({
        onValue(value) {
          const frame = value as LogFrame;
          if (isClosed) return;
          if (frame.t === 'log-window') listener.onConnect(frame.bytes);
          else if (frame.t === 'log-acks') listener.onAcks(frame.acks);
        },
        onClose: () => listener.onDisconnect(),
      });
      say({ t: 'log-open' });
      return Promise.resolve();
    },
    send(pieces) {
      const wire = pieces.map(({ attempt, offset, bytes, last }) => {
        return { attempt, offset, base64: Buffer.from(bytes).toString('base64'), last };
      });
      say({ t: 'log', pieces: wire });
    },
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

/** The server's end: stores what comes. What cannot be stored is not acknowledged, and comes again. */
export function serveProcessLogs(end: IpcEnd, sink: LogSink, observer?: Observer): void {
  const store = async (pieces: readonly WirePiece[]) => {
    try {
      const acks = await sink.append(
        pieces.map(({ attempt, offset, base64, last }) => {
          return { attempt, offset, bytes: Buffer.from(base64, 'base64'), last };
        }),
      );
      if (end.isOpen) end.send({ t: 'log-acks', acks } satisfies LogFrame, nothing);
    } catch (error) {
      observer?.log('error', 'logs cannot be stored', { error: String(error) });
    }
  };
  end.listen({
    onValue(value) {
      const frame = value as LogFrame;
      if (frame.t === 'log-open')
        end.send({ t: 'log-window', bytes: WINDOW_BYTES } satisfies LogFrame, nothing);
      else if (frame.t === 'log') void store(frame.pieces);
    },
    onClose: nothing,
  });
}
