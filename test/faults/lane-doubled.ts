/** What the double of a lane does with a seed of this number; any other seed is right. */
export const doubled = { ends: 2, standsStill: 3, throws: 4 }
