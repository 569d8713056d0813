/** Several carriers as one: workers inside the process and workers elsewhere. */
import type { SchedulerListener, SchedulerTransport } from '../ports/transport.js';

/** Joins carriers; each worker is answered on the one it last spoke on. */
export function joinTransports(transports: readonly SchedulerTransport[]): SchedulerTransport {
  const [only] = transports;
  if (only && transports.length === 1) return only;
  const carrierOf = new Map<string, SchedulerTransport>();
  return {
    async listen(listener) {
      await Promise.all(transports.map((transport) => transport.listen(tracking(transport, listener))));
    },
    send(worker, messages) {
      const known = carrierOf.get(worker);
      if (known) known.send(worker, messages);
      // A leader greets workers that it knows from the store and has not heard of: wherever they may be.
      else for (const transport of transports) transport.send(worker, messages);
    },
    async close() {
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };

  function tracking(transport: SchedulerTransport, listener: SchedulerListener): SchedulerListener {
    return {
      onMessage(worker, message) {
        if (carrierOf.get(worker) !== transport) carrierOf.set(worker, transport);
        listener.onMessage(worker, message);
      },
      onDisconnect(worker) {
        if (carrierOf.get(worker) !== transport) return;
        carrierOf.delete(worker);
        listener.onDisconnect(worker);
      },
    };
  }
}
