using System.Text;

namespace Drover.Cli.Text;

/// <summary>Rows under a heading, as wide as they need to be and at most as wide as the terminal.</summary>
internal sealed class Table
{
    private const int Gap = 2;
    private const int NarrowestCut = 8;

    private readonly Column[] _columns;
    private readonly List<Cell[]> _rows = [];

    public Table(params Column[] columns) => _columns = columns;

    public void Add(params Cell[] cells) => _rows.Add(cells);

    /// <summary>The lines, without colors unless wanted.</summary>
    public string Render(int width, bool hasColors)
    {
        int[] widths = Widths(width);
        var text = new StringBuilder();
        var headings = new Cell[_columns.Length];
        for (int i = 0; i < headings.Length; i++)
        {
            headings[i] = new Cell(_columns[i].Heading, Color.Faint);
        }

        Append(text, headings, widths, hasColors);
        foreach (Cell[] row in _rows)
        {
            Append(text, row, widths, hasColors);
        }

        return text.ToString();
    }

    private int[] Widths(int width)
    {
        int[] widths = new int[_columns.Length];
        for (int i = 0; i < widths.Length; i++)
        {
            int content = 0;
            foreach (Cell[] row in _rows)
            {
                content = Math.Max(content, Plain.Columns(row[i].Text));
            }

            // A column without content is left out.
            widths[i] = content == 0 && _columns[i].IsOptional ? 0 : Math.Max(content, Plain.Columns(_columns[i].Heading));
        }

        DropUntilItFits(widths, width);

        // What is too much is taken from the widest column that can be cut, again and again.
        long excess = Room(widths, _ => true) - width;
        while (excess > 0)
        {
            int widest = -1;
            for (int i = 0; i < widths.Length; i++)
            {
                if (_columns[i].CanBeCut && widths[i] > NarrowestCut && (widest < 0 || widths[i] > widths[widest]))
                {
                    widest = i;
                }
            }

            if (widest < 0)
            {
                break;
            }

            widths[widest]--;
            excess--;
        }

        return widths;
    }

    /// <summary>On a narrow terminal the columns that matter least go, from the right: a line that wraps is worse.</summary>
    private void DropUntilItFits(int[] widths, int width)
    {
        for (int i = widths.Length - 1; i >= 0 && Room(widths, isWhole: c => !c.CanBeCut) > width; i--)
        {
            if (_columns[i].CanBeDropped)
            {
                widths[i] = 0;
            }
        }
    }

    /// <summary>How many columns of the terminal it takes, when those that are not whole are as narrow as they can be.</summary>
    private long Room(int[] widths, Func<Column, bool> isWhole)
    {
        long room = -Gap;
        for (int i = 0; i < widths.Length; i++)
        {
            room += widths[i] == 0 ? 0L : Gap + (isWhole(_columns[i]) ? widths[i] : Math.Min(widths[i], NarrowestCut));
        }

        return room;
    }

    private void Append(StringBuilder text, Cell[] cells, int[] widths, bool hasColors)
    {
        int pending = 0; // Blanks are written only before more text, so that no line ends in them.
        for (int i = 0; i < cells.Length; i++)
        {
            if (widths[i] == 0)
            {
                continue;
            }

            string cell = _columns[i].CanBeCut ? Plain.Cut(cells[i].Text, widths[i]) : cells[i].Text;
            int fill = Math.Max(widths[i] - Plain.Columns(cell), 0);
            if (cell.Length == 0)
            {
                pending += widths[i] + Gap;
                continue;
            }

            for (int blanks = pending + (_columns[i].IsNumber ? fill : 0); blanks > 0; blanks--)
            {
                text.Append(' '); // One by one: filling a span is compiled anew at each start.
            }

            text.Append(hasColors ? Colors.Paint(cell, cells[i].Color) : cell);
            pending = Gap + (_columns[i].IsNumber ? 0 : fill);
        }

        text.Append('\n');
    }

    /// <summary>A column.</summary>
    /// <param name="Heading">Its heading.</param>
    /// <param name="IsNumber">Whether it is aligned to the right.</param>
    /// <param name="CanBeCut">Whether its text may be shortened.</param>
    /// <param name="IsOptional">Whether it is left out when it is empty.</param>
    /// <param name="CanBeDropped">Whether it is left out when there is no room for it.</param>
    internal sealed record Column(
        string Heading, bool IsNumber = false, bool CanBeCut = false, bool IsOptional = false, bool CanBeDropped = false);

    /// <summary>A cell.</summary>
    /// <param name="Text">Escaped text.</param>
    /// <param name="Color">Its color.</param>
    internal readonly record struct Cell(string Text, Color Color = Color.None)
    {
        public static implicit operator Cell(string? text) => new(text ?? "");
    }
}
