/** The values of one topic, in the order in which each came first, and which of them is there now. */
interface Course {
  readonly values: number[]
  at: number
}

const mostExamples = 20

/**
 * Each value that a topic retains comes after the one before it. A worker that begins anew where the last commit was goes back, and then comes by everything again: a
 * value that was not there yet comes behind the newest one. What is behind an old one has been skipped, and the old one should never have come.
 */
export class RetainedSteps {
  private readonly courses = new Map<string, Course>()
  private faults: string[] = []

  take(topic: string, value: number): void {
    const course = this.courses.get(topic)
    if (course === undefined) {
      this.courses.set(topic, { values: [value], at: 0 })
      return
    }
    const { values, at } = course
    const known = values.lastIndexOf(value)
    if (known === -1) {
      if (value < (values.at(-1) ?? value)) this.wrong(topic, `${value} came behind ${values.at(-1)}, which is newer`)
      else if (at !== values.length - 1)
        this.wrong(topic, `${value} came behind ${values[at]}, and not behind ${values.at(-1)}`)
      course.at = values.push(value) - 1
      return
    }
    if (known > at + 1) this.wrong(topic, `${value} came behind ${values[at]}, and not behind ${values[known - 1]}`)
    course.at = known
  }

  /** Messages may have been lost: what comes next says nothing of what came before. */
  forget(): void {
    this.courses.clear()
  }

  /** What was wrong since it was asked last. */
  takeFaults(): string[] {
    return this.faults.splice(0)
  }

  private wrong(topic: string, what: string): void {
    if (this.faults.length < mostExamples) this.faults.push(`${topic}: ${what}`)
  }
}
