namespace Drover.Server.Configuration;

/// <summary>
/// The key of an option in <c>drover.yaml</c>. The reference in docs/guide/configuration.md is made from these and from
/// the doc comments of the options, whose last sentence is the default: <c>Default: 10 seconds.</c>
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class YamlKeyAttribute(string name) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;
}
