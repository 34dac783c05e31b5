import { describe, expect, it } from 'vitest';
import { parseConnections, portsKey } from '../dist/runners/conversation/tcp-info.js';

const counts = 'advmss:65483 cwnd:10 bytes_sent:2560 bytes_received:2720 segs_out:24 segs_in:22 data_segs_out:20';

describe('what ss prints of TCP connections', () => {
  it('is read by both ports, with headers as long as the version of IP and the options ask for', () => {
    const lines = [
      `ESTAB 0      0          127.0.0.1:40172      127.0.0.1:37779 ts sack bbr wscale:10,10 mss:32768 ${counts} minrtt:0.018`,
      `ESTAB 0      0      10.0.0.1%eth0:40173        8.8.8.8:443 timer:(keepalive,24sec,0) sack bbr ${counts}`,
      `ESTAB 0      0              [::1]:40174          [::1]:37779 ts sack cubic ${counts}`,
      `ESTAB 0      0 [::ffff:127.0.0.1]:37779 [::ffff:1.2.3.4]:40175 ts sack cubic ${counts}`,
    ];
    const headers = [...parseConnections(`${lines.join('\n')}\n`)].map(([key, { headerBytes }]) => [key, headerBytes]);
    expect(headers).toEqual([
      [portsKey(40172, 37779), 20 + 20 + 12],
      [portsKey(40173, 443), 20 + 20],
      [portsKey(40174, 37779), 40 + 20 + 12],
      [portsKey(37779, 40175), 20 + 20 + 12],
    ]);
  });

  it('has 0 where ss leaves a count out, and no connection where the kernel does not count segments', () => {
    const quiet = 'ESTAB 0 0 127.0.0.1:1 127.0.0.1:2 ts sack cubic advmss:65483 segs_out:1';
    const old = 'ESTAB 0 0 127.0.0.1:3 127.0.0.1:4 ts sack cubic advmss:65483';
    const closing = `TIME-WAIT 0 0 127.0.0.1:5 127.0.0.1:6 ts ${counts}`;
    expect([...parseConnections([quiet, old, closing].join('\n'))]).toEqual([
      [portsKey(1, 2), { segments: 0, payloadBytes: 0, headerBytes: 52, maxSegmentBytes: 65_483 }],
    ]);
  });
});
