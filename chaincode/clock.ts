/** How far a transaction's time may lie from the endorser's own clock. Without the contract, since who shows clocks needs to know it too. */
export const MAX_CLOCK_MS = 5 * 60_000;
