/** Opening and closing a server. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** @returns host and port. @throws Error EADDRINUSE, EACCES */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const { address, family, port: given } = server.address() as AddressInfo;
      resolve(`${family === "IPv6" ? `[${address}]` : address}:${given}`);
    });
  });
}

/** How long requests under way may take to finish. */
const GRACE_MS = 5000;

/** Takes no more connections; requests under way are answered first. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    // A connection whose last request has just been answered is idle only now.
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    server.close(() => {
      clearTimeout(grace);
      clearInterval(idle);
      resolve();
    });
  });
}
