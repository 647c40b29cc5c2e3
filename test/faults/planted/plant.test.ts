import { bugs } from './bugs'
import { withBug } from './plant'

test.each(bugs)('the text that $name replaces is in $file once', ({ file, from, to }) => {
  expect(withBug(file, from, to)).not.toBe(withBug(file, from, from))
})
