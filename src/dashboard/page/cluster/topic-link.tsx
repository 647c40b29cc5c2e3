import { Foreign } from '../components/foreign'
import { pathTo } from '../lib/routes'

export function TopicLink({ topic }: { readonly topic: string }) {
  return (
    <a href={pathTo('topic', { topic })}>
      <Foreign>{topic}</Foreign>
    </a>
  )
}
