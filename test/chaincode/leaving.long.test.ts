import { leaving } from "./leaving";

leaving(100_000, 1_000_000);
