/**
 * A broadcasting server that behaves like one of two processes, and of which it is known what a kill loses: what the members of
 * one half send reaches the members of their room in the other 120 ms later, unless its half is gone by then. After the kill, three deliveries among those
 * that stayed are left out, which no kill explains. It writes what it did to the file TRUTH.
 */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export default {
  protocol: 'websocket',
  transport: 'websocket',
  library: 'ws',
  kinds: ['broadcast', 'room'],
  options: ['processes'],
  async start({ host, port }) {
    const http = createServer((_request, response) => response.writeHead(404).end());
    const server = new WebSocketServer({ server: http, perMessageDeflate: false });
    const halves = [new Set(), new Set()];
    const truth = { received: 0, delivered: 0, killed: 0, fewestStayed: 0, mostStayed: 0, lostInside: 0, leftOut: 0 };
    let opened = 0;
    let killed;
    /** Of each room. */
    const stayed = new Map();
    const inRoom = (half, room) => [...half].filter((socket) => socket.room === room);
    const deliver = (half, room, data, isBinary, isOwn) => {
      for (const socket of inRoom(half, room)) {
        if (isOwn && socket.isFirst && killed !== undefined && truth.leftOut < 3) {
          truth.leftOut++;
          continue;
        }
        truth.delivered++;
        socket.send(data, { binary: isBinary });
      }
    };
    server.on('connection', (socket, opening) => {
      const room = new URL(opening.url, 'ws://localhost').searchParams.get('room');
      socket.room = room;
      const place = killed === undefined ? opened++ % 2 : 1 - killed;
      const [own, other] = [halves[place], halves[1 - place]];
      own.add(socket);
      socket.isFirst = killed === undefined;
      socket.on('error', () => {});
      socket.on('close', () => own.delete(socket));
      socket.on('message', (data, isBinary) => {
        truth.received++;
        deliver(own, room, data, isBinary, socket.isFirst);
        setTimeout(() => {
          if (place === killed) truth.lostInside += stayed.get(room) ?? 0;
          else deliver(other, room, data, isBinary, false);
        }, 120);
      });
    });
    await new Promise((resolve) => http.listen(port, host, resolve));
    return {
      port: http.address().port,
      settings: {},
      killOne: async (random) => {
        const victim = Math.floor(2 * random);
        truth.killed = halves[victim].size;
        // Of a room that had nobody else, nobody stays.
        for (const { room } of halves[victim]) stayed.set(room, 0);
        for (const { room } of halves[1 - victim]) stayed.set(room, (stayed.get(room) ?? 0) + 1);
        truth.fewestStayed = Math.min(...stayed.values());
        truth.mostStayed = Math.max(...stayed.values());
        killed = victim;
        for (const socket of halves[victim]) socket.terminate();
        halves[victim].clear();
      },
      close: async () => {
        writeFileSync(process.env.TRUTH, JSON.stringify(truth));
        for (const client of server.clients) client.terminate();
        http.close();
      },
    };
  },
};
