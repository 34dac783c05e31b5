/** Owns what a client is told of its trial. */

import type { Client, Inbox } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import type { Share } from '../../core/share.js';
import { findClient } from '../client-catalogue.js';

/** @returns makes a client of the share that delivers to an inbox. */
export async function clientOf(share: Share, clock: Clock): Promise<(inbox: Inbox) => Client> {
  const { workload, protocol, transport, port, client } = share;
  const factory = await findClient(protocol, transport, client);
  return (inbox) =>
    factory.create({
      protocol,
      transport,
      kind: workload.kind,
      port,
      payload: workload.payload,
      connectTimeoutMs: workload.connect.timeoutMs,
      ackTimeoutMs: workload.ackTimeoutMs ?? workload.connect.timeoutMs,
      mayStayOnPolling: workload.blocking !== undefined,
      recovers: workload.outage?.recovery ?? false,
      inbox,
      clock,
    });
}
