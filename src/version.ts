/** weir's version. Its manifest lies beside `src` as beside what is compiled from it. */
export const { version } = require('../package.json') as { readonly version: string }
