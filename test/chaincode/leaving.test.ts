import { leaving } from "./leaving";

leaving(2000, 10_000);
