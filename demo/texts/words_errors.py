"""What the library tells of a picture or an error, in Chinese."""

from demo.texts.words import WORDS
from demo.texts.words_train import TRAIN_ERRORS

# What a visitor is told of an error: the sentence as the code has it, which is the error's key, and in Chinese.
ERRORS = {
    WORDS["no_picture"][0]: WORDS["no_picture"][1],
    WORDS["not_sent"][0]: WORDS["not_sent"][1],
    "{name} was deleted from the server, as every picture is after an hour; upload it again.": (
        "{name} 已从服务器删除（所有图片都会在一小时后删除）；请重新上传。"
    ),
    "This file is not a picture in a known format; use PNG, JPEG or WebP.": (
        "无法识别这个文件的图片格式；请使用 PNG、JPEG 或 WebP。"
    ),
    "This picture file is damaged or cut off; save it again or use another one.": (
        "这个图片文件已损坏或不完整；请重新保存，或换一张。"
    ),
    "This picture is too small for x{scale}: it has {width}x{height} pixels, each side needs at least {least}.": (
        "这张图片太小，无法用于 x{scale}：它有 {width}x{height} 像素，每边至少需要 {least} 像素。"
    ),
    "This picture has {megapixels:.1f} megapixels, the limit here is {limit:.1f}; use a smaller one or a part of it.": (
        "这张图片有 {megapixels:.1f} 百万像素，这里的上限是 {limit:.1f}；请使用较小的图片，或只取一部分。"
    ),
    "Pictures of floating-point numbers are not supported; save it with 8 or 16 bits a channel.": (
        "不支持浮点或 32 位的图片；请存为每通道 8 位或 16 位。"
    ),
    "Pictures of 32-bit numbers are not supported; save it with 8 or 16 bits a channel.": (
        "不支持浮点或 32 位的图片；请存为每通道 8 位或 16 位。"
    ),
    "TIFF pictures that are compressed as {kind} are not supported; save it as PNG.": (
        "不支持以 {kind} 方式压缩的 TIFF 图片；请存为 PNG。"
    ),
    "This takes longer than the {seconds:.0f} seconds that there are for it here; use a smaller picture, or no "
    "self-ensemble.": "这项任务超过了这里允许的 {seconds:.0f} 秒；请使用较小的图片，或关闭自集成。",
    "The memory does not suffice to open this picture; use a smaller one.": (
        "内存不足，无法打开这张图片；请换一张更小的。"
    ),
    "{name} is a folder and not a picture; name a file in it.": "{name} 是文件夹而不是图片；请选择其中的一个文件。",
    "{name} is a pipe or a device; save the picture as a file first.": "{name} 是管道或设备；请先将图片保存为文件。",
    "Pictures of the format {suffix} are not supported; save it as PNG, JPEG or WebP.": (
        "不支持 {suffix} 格式的图片；请另存为 PNG、JPEG 或 WebP。"
    ),
    "You have no permission to read {name}; change its permissions.": "没有读取 {name} 的权限；请更改其权限。",
    "{name} cannot be read ({reason}); see whether its disk is sound.": (
        "无法读取 {name}（{reason}）；请检查磁盘是否正常。"
    ),
    "TIFF pictures of YCbCr without compression are not supported; save it as PNG.": (
        "不支持未压缩的 YCbCr TIFF 图片；请另存为 PNG。"
    ),
    "TIFF pictures of 16 bits whose channels lie apart are not supported; save it as PNG.": (
        "不支持通道分开存储的 16 位 TIFF 图片；请另存为 PNG。"
    ),
    "TIFF pictures whose alpha lies apart from greys are not supported; save it as PNG.": (
        "不支持透明度通道与灰度分开存放的 TIFF 图片；请另存为 PNG。"
    ),
    "This picture has no pixels; use one of at least 1 x 1.": "这张图片没有任何像素；请使用至少 1 x 1 的图片。",
    "TIFF pictures of signed numbers are not supported; save it with unsigned 8 or 16 bits.": (
        "不支持有符号数的 TIFF 图片；请存为无符号的 8 位或 16 位。"
    ),
    "TIFF pictures of this kind are not supported; save it with 8 or 16 bits a channel, or as PNG.": (
        "不支持这种 TIFF 图片；请存为每通道 8 位或 16 位，或另存为 PNG。"
    ),
    "JPEG 2000 pictures of the colour space {number} are not supported; save it as PNG.": (
        "不支持颜色空间编号为 {number} 的 JPEG 2000 图片；请另存为 PNG。"
    ),
    "Nobody waits for this any more.": "已没有人在等待此结果。",
    "There is no file {name}.": "这个文件已不在服务器上；请重新上传。",
    "There is no variant of {network} for x{scale} with the loss {loss} here; choose another loss, network or scale.": (
        "这里没有 {network} 网络 x{scale}、损失函数为 {loss} 的模型；请选择其他损失函数、网络或倍数。"
    ),
}
ERRORS |= TRAIN_ERRORS

# What a visitor should know of a picture, by what the library says in English.
REMARKS = {
    "only the first of its {count} frames or pages was used": "只使用了 {count} 帧（页）中的第一帧（页）",
    "a channel beside its colours that is not marked as transparency was left out": "未标明为透明度的额外通道已略去",
    "its colour profile or mark cannot be used, and its colours are taken for sRGB": (
        "无法使用它的颜色配置文件或颜色标记，颜色按 sRGB 处理"
    ),
    "of its metadata ({kinds}), what is damaged or too large was left out": "元数据（{kinds}）中损坏或过大的部分已略去",
    "its {bits} bits a channel were reduced to 8": "每通道 {bits} 位已降为 8 位",
    "of its HDR levels ({curve}), all above white are shown as white": "HDR 数值（{curve}）中高于白色的部分显示为白色",
    "a {suffix} file cannot hold what is half transparent, which becomes wholly transparent or opaque": (
        "{suffix} 文件无法保存半透明，半透明处变为完全透明或不透明"
    ),
    "its 16 bits a channel become 8 in a {suffix} file": "在 {suffix} 文件中，每通道 16 位降为 8 位",
    "of its 16 bits a channel, a {suffix} file holds the upper 8, and its levels use the lower {bits}": (
        "{suffix} 文件只能保存每通道 16 位中的高 8 位，而图中的灰度级只使用低 {bits} 位"
    ),
    "a {suffix} file cannot hold its colour profile": "{suffix} 文件无法保存它的颜色配置文件",
    "a {suffix} file cannot hold its EXIF": "{suffix} 文件无法保存它的 EXIF",
    "a {suffix} file cannot hold its XMP": "{suffix} 文件无法保存它的 XMP",
    "a {suffix} file cannot hold its IPTC": "{suffix} 文件无法保存它的 IPTC",
    "a {suffix} file cannot hold its texts": "{suffix} 文件无法保存它的文本",
    "a {suffix} file cannot hold its resolution": "{suffix} 文件无法保存它的分辨率",
}
