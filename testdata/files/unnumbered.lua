-- Takes the numbers of lists and notes away, which a reader of text does not see: lists have bullets, notes stand where they belong.
function OrderedList(list) return pandoc.BulletList(list.content) end
function Note(note) return pandoc.Span(pandoc.utils.blocks_to_inlines(note.content)) end
