// How much memory a thread may let pile up before it collects. Blocks pass through as buffers outside the heap, which
// are freed when the young generation is collected: a small one is collected often, and costs nothing that could be
// measured, while the usual 16 MiB let each thread hold 60 MiB of dead buffers.
export const threadLimits = { maxYoungGenerationSizeMb: 2 }
