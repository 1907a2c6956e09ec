using System.Diagnostics;

namespace Drover.Coroutines;

/// <content>The tree that scopes form: children in the order in which they came, linked through themselves.</content>
public partial class CancelScope
{
    internal bool IsLinked => _next is not null;

    private protected bool HasChildren => _firstChild is not null;

    /// <summary>The scopes and coroutines directly inside, oldest first.</summary>
    internal IEnumerable<CancelScope> Children
    {
        get
        {
            if (_firstChild is null)
            {
                yield break;
            }

            CancelScope child = _firstChild;
            do
            {
                yield return child;
                child = child._next!;
            }
            while (child != _firstChild);
        }
    }

    /// <summary>Becomes the newest child of <paramref name="parent"/>, canceled if that is and no shield stands between.</summary>
    internal void Link(CancelScope? parent)
    {
        Debug.Assert(!IsLinked, "A scope is linked once.");
        Parent = parent;
        if (parent is null)
        {
            _next = _previous = this;
            return;
        }

        if (!IsShielded)
        {
            Origin ??= parent.Origin;
        }

        if (parent._firstChild is { } first)
        {
            _next = first;
            _previous = first._previous;
            _previous!._next = this;
            first._previous = this;
        }
        else
        {
            _next = _previous = this;
            parent._firstChild = this;
        }
    }

    /// <summary>Leaves the tree; from now on no cancellation reaches it.</summary>
    internal void Unlink()
    {
        if (_next == this)
        {
            if (Parent is not null)
            {
                Parent._firstChild = null;
            }
        }
        else
        {
            if (Parent!._firstChild == this)
            {
                Parent._firstChild = _next;
            }

            _previous!._next = _next;
            _next!._previous = _previous;
        }

        _next = _previous = null;
    }

    /// <summary>This scope and all inside it that its cancellation reaches, parents first, oldest first.</summary>
    internal IEnumerable<CancelScope> Inside()
    {
        CancelScope scope = this;
        do
        {
            if (scope == this || !scope.IsShielded)
            {
                yield return scope;
            }
        }
        while (scope.TryGoOn(this, scope == this || !scope.IsShielded, out scope!));
    }

    /// <summary>This scope and all inside it, shielded or not, parents first, oldest first.</summary>
    internal IEnumerable<CancelScope> WithAllInside()
    {
        CancelScope scope = this;
        do
        {
            yield return scope;
        }
        while (scope.TryGoOn(this, intoChildren: true, out scope!));
    }

    /// <summary>The next scope after this one in a walk through <paramref name="top"/>; without recursion, however deep.</summary>
    private bool TryGoOn(CancelScope top, bool intoChildren, out CancelScope? next)
    {
        if (intoChildren && _firstChild is not null)
        {
            next = _firstChild;
            return true;
        }

        CancelScope at = this;
        while (at != top)
        {
            CancelScope parent = at.Parent!;
            if (at._next != parent._firstChild)
            {
                next = at._next;
                return true;
            }

            at = parent;
        }

        next = null;
        return false;
    }
}
