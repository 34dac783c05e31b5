/** Has messages to a worker speak of times on the clock of its host. */

import type { Window } from '../../core/schedule.js';
import type { HostClocks } from '../../core/share.js';
import { forSides } from '../workers/sides.js';
import type { ToWorker } from '../workers/worker-message.js';
import { aheadUs, type ClockReading } from './host-clock.js';
import type { Host } from './presence.js';

/** A host with its clock. */
export interface Clocked extends Pick<Host, 'host'> {
  readonly clock: ClockReading;
}

/** @returns 0 on the same host, whatever was read there. */
function shiftUs(one: Clocked, other: Clocked): number {
  return one.host === other.host ? 0 : aheadUs(one.clock, other.clock);
}

/** By how much what was read of two clocks may be wrong, us. */
export function boundUs(one: Clocked, other: Clocked): number {
  return one.host === other.host ? 0 : one.clock.boundUs + other.clock.boundUs;
}

/** Of everyone in a trial with everyone else. */
export function largestBoundUs(hosts: readonly Clocked[]): number {
  return Math.max(0, ...hosts.flatMap((one) => hosts.map((other) => boundUs(one, other))));
}

/** As one worker needs them; undefined where server and workers are on one host. @param seats by worker. */
function clocksFor(own: Clocked, seats: readonly Clocked[], server: Clocked): HostClocks | undefined {
  const ahead = (other: Clocked): number | null => (other.host === own.host ? null : aheadUs(other.clock, own.clock));
  if ([...seats, server].every(({ host }) => host === own.host)) return undefined;
  return { aheadUs: seats.map(ahead), serverAheadUs: ahead(server) };
}

/** The message to one worker, by times of the run's clock, as it is by times of the worker's. */
export function onClockOf(own: Clocked, message: ToWorker, seats: readonly Clocked[], run: Clocked): ToWorker {
  const shift = shiftUs(own, run);
  if (message.type === 'trial') {
    const clocks = clocksFor(own, seats, run);
    return { ...message, shares: forSides(message.shares, (share) => ({ ...share, clocks })) };
  }
  if (message.type === 'go')
    return { ...message, windows: message.windows.map((ofSide) => ofSide.map((window) => shifted(window, shift))) };
  return message.type === 'drain' ? { ...message, toUs: message.toUs + shift } : message;
}

function shifted(window: Window, byUs: number): Window {
  const { startUs, measureFromUs, measureToUs, drainToUs } = window;
  return {
    startUs: startUs + byUs,
    measureFromUs: measureFromUs + byUs,
    measureToUs: measureToUs + byUs,
    drainToUs: drainToUs + byUs,
  };
}
