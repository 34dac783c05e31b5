/** Program: Socket.IO on Node's cluster. The first process deals connections out, and passes packets from one worker to the others. */

import cluster from 'node:cluster';
import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { Server } from 'socket.io';
import { type StartRequest, usualProcesses } from '../../core/target.js';
import { freePort } from '../http/free-port.js';
import { WebServer } from '../http/web-server.js';
import { commonSettings, serve, serverOptions } from '../socketio.js';
import { endTogether, type Further, listenAllAlso, listening, readyOf, toldRequest } from './replica.js';

const request = toldRequest<StartRequest>();
const { processes = usualProcesses } = request;

/**
 * Over WebSocket only, where Node may deal connections out in turn. `@socket.io/sticky`, which polling needs, hands a
 * connection over while it goes on reading: of 500 clients that were quick to answer, 8 lost their first frame (2.0.1, Node 20).
 */
const transport = 'websocket';

if (cluster.isPrimary) {
  // One that is in use is told before anything is started.
  await freePort(request.host, request.port);
  cluster.setupPrimary({ serialization: 'advanced' });
  setupPrimary();
  const ports = await Promise.all(Array.from({ length: processes }, () => readyOf(cluster.fork())));
  const killOne = endTogether();
  const own = { processes, adapter: '@socket.io/cluster-adapter', deal: 'in turn, by the cluster module of Node.js' };
  listening({
    port: ports[0] ?? 0,
    settings: { ...commonSettings(transport, request), ...own },
    killOne,
    listenAlso: listenAllAlso,
  });
} else {
  const web = new WebServer();
  const io = new Server(web.http, await serverOptions(transport, request));
  io.adapter(createAdapter());
  serve(io, request);
  // All workers are told the same port, also where the kernel chose it.
  const port = await web.listen(request.host, request.port);
  // An adapter has messages of its own.
  process.on('message', async ({ address }: Partial<Further>) => {
    if (address === undefined) return;
    await web.listenAlso(address);
    process.send?.({ port });
  });
  process.send?.({ port });
}
