/** Owns which connections of a trial stop reading, and their pause over the measured window. */

import type { Connection } from '../../core/client.js';
import type { Clock } from '../../core/clock.js';
import { roomOf, roomsOf } from '../../core/room.js';
import type { Workload } from '../../core/scenario.js';
import { connectionNumber, type Share } from '../../core/share.js';
import type { Window } from '../load/window.js';

/** The last connections of a trial, by number, are the slow ones: publishers are the first. */
function isSlow({ connections, slowReaders = 0 }: Workload, number: number): boolean {
  return number >= connections - slowReaders;
}

/** The first of a worker's receivers that is slow: all after it are; the number of its receivers where none is. */
export function firstSlowReceiver(seat: Pick<Share, 'worker' | 'workers' | 'connections' | 'workload'>): number {
  let receiver = seat.connections;
  while (receiver > 0 && isSlow(seat.workload, connectionNumber(seat, receiver - 1))) receiver--;
  return receiver;
}

/** Slow readers in one room of the whole trial. */
export function slowMembers(workload: Workload, room: number): number {
  const { connections, slowReaders = 0 } = workload;
  const rooms = roomsOf(workload);
  let members = 0;
  for (let number = connections - slowReaders; number < connections; number++)
    if (roomOf(number, rooms) === room) members++;
  return members;
}

/** Stops `readers` from reading during the measured part of the window. @returns ends the pause early. */
export function pauseDuring(window: Window, readers: readonly Connection[], clock: Clock): () => void {
  const inMs = (atUs: number): number => (atUs - clock.nowUs()) / 1000;
  const resume = (): void => {
    for (const reader of readers) reader.resumeReading();
  };
  const pausing = setTimeout(() => {
    for (const reader of readers) reader.pauseReading();
  }, inMs(window.measureFromUs));
  const resuming = setTimeout(resume, inMs(window.measureToUs));
  return () => {
    clearTimeout(pausing);
    clearTimeout(resuming);
    resume();
  };
}
