import { leaving } from "./leaving";
import { SAMPLE } from "../sample";

leaving(100_000, SAMPLE ? 200_000 : 1_000_000);
