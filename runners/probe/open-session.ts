/** Opens a connection to be used by hand, by the protocol of its server. */

import { PlainSession } from './plain-session.js';
import type { Session, SessionRequest } from './session.js';
import type { SessionEvent } from './session-event.js';
import { SocketioSession } from './socketio-session.js';

/** @param tell is told of everything that happens on it. */
export function openSession(request: SessionRequest, tell: (event: SessionEvent) => void): Session {
  return request.endpoint.protocol === 'socketio'
    ? new SocketioSession(request, tell)
    : new PlainSession(request, tell);
}
