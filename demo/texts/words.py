"""What the page says, in English and in Chinese; language.py finds it."""

from demo.texts.words_learn import LEARN
from demo.texts.words_train import TRAIN

WORDS = {
    "title": (
        "# SRCNN\nThe three convolutions that started deep super-resolution "
        "([Dong et al., 2014](https://arxiv.org/abs/1501.00092)). Drag the handles to see what they add to bicubic "
        "interpolation.",
        "# SRCNN\n开启深度学习超分辨率的三层卷积网络（[Dong 等，2014](https://arxiv.org/abs/1501.00092)）。"
        "拖动滑块，看看它比双三次插值多还原了什么。",
    ),
    # key: English, Chinese
    "browser_page": (
        "The same in your own browser: nobody waits, nothing is uploaded",
        "在您自己的浏览器中使用：无需等待，不上传图片",
    ),
    "kept": (
        "Pictures that you send and their results are seen by nobody else and deleted after an hour.",
        "您上传的图片及其结果不会展示给他人，并在一小时后删除。",
    ),
    "compare": ("Compare", "对比"),
    "enlarge": ("Enlarge", "放大"),
    "models": ("Models", "模型"),
    "learn": ("Learn", "原理"),
    # what the tabs share
    "truth": ("Ground truth", "原图"),
    "photograph": ("Photograph", "照片"),
    "examples": ("Example photographs", "示例照片"),
    "scale": ("Scale", "放大倍数"),
    "loss": ("Trained with the loss", "训练所用的损失函数"),
    "network": ("Network", "网络"),
    "network_info": (
        "SRCNN is named by the sides of the windows that its three layers look through, in pixels: 9-1-5 is the "
        "article's, 9-5-5 has seven times its parameters. VDSR and EDSR are deeper networks that followed.",
        "SRCNN 以三层各自窗口的边长（像素）命名：9-1-5 为原文的网络，9-5-5 的参数约为其七倍。"
        "VDSR 和 EDSR 是后来更深的网络。",
    ),
    "loss_info": (
        "The loss is the kind of error that training made small. MSE, L1 and Charbonnier aim at a high PSNR; "
        "perceptual and adversarial at a sharp look, which costs PSNR.",
        "损失函数是训练时要减小的那种误差。MSE、L1 和 Charbonnier 追求较高的 PSNR；感知损失和对抗损失追求锐利的观感，"
        "因此 PSNR 较低。",
    ),
    "ensemble_info": (
        "The mean of the results on the picture turned and mirrored in eight ways: a little closer to the original, "
        "eight times the work.",
        "把图片以八种方式旋转和翻转，再取各结果的平均值：与原图稍更接近，计算量为八倍。",
    ),
    "ensemble": ("Self-ensemble: slower, better", "自集成：更慢，效果更好"),
    "no_picture": (
        "There is no picture yet: upload one or choose an example.",
        "还没有图片：请上传一张，或选择一个示例。",
    ),
    "out_of_date": ("This is out of date.", "此内容已过时。"),
    "renew": ("Renew it", "更新"),
    "unexpected": (
        "Something went wrong here; try again, or choose another picture.",
        "这里出了点问题；请重试，或换一张图片。",
    ),
    "slider_left": ("Picture on the left", "左侧图片"),
    "slider_right": ("Picture on the right", "右侧图片"),
    "slider_swap": ("Swap the pictures (key S)", "交换两张图片（S 键）"),
    "slider_in": ("Zoom in (key +)", "放大查看（+ 键）"),
    "slider_out": ("Zoom out (key −)", "缩小查看（− 键）"),
    "slider_handle": (
        "Handle between the pictures: arrow keys move it, with Shift the picture",
        "两张图片之间的手柄：方向键移动手柄，按住 Shift 移动图片",
    ),
    "queue_full": (
        "Too many jobs wait here already; try again in a minute.",
        "这里等待的任务已经太多；请一分钟后再试。",
    ),
    "job_dropped": (
        "Nobody listened for the answer to this job, so it was dropped; send it again.",
        "没有人等待此任务的结果，因此它已被取消；请重新提交。",
    ),
    "not_sent": ("There is no such upload here; upload the picture itself.", "这里没有这个上传文件；请上传图片本身。"),
    "disk": (
        "The server cannot store files now, its disk may be full; try again later.",
        "服务器现在无法保存文件，磁盘可能已满；请稍后再试。",
    ),
    "fell_back": (
        "The GPU failed: this was computed on the CPU.",
        "GPU 出现故障：此结果由 CPU 计算。",
    ),
    "bicubic": ("Bicubic", "双三次插值"),
    "bundled": ("bundled", "内置"),
    "low_resolution": ("Low resolution", "低分辨率"),
    "cancel": ("Cancel", "取消"),
    "cancelled": ("Cancelled.", "已取消。"),
    # Compare
    "copy_link": ("Copy a link to these settings", "复制当前设置的链接"),
    "link_copied": ("The link is copied.", "链接已复制。"),
    "reduced_and_enlarged": (
        "The picture was reduced to {low} pixels, then enlarged again to {width} × {height}.",
        "图片先缩小到 {low} 像素，再放大回 {width} × {height}。",
    ),
    "enlarged_as_is": (
        "The picture of {low} pixels was enlarged to {width} × {height}; there is no truth to measure it against.",
        "图片从 {low} 像素放大到 {width} × {height}：没有原图可供对照。",
    ),
    "seen_reduced": (
        "Sides of more than {most} pixels are seen reduced; zoom in to see any part of the picture at full size.",
        "边长超过 {most} 像素的图片整幅显示时会缩小；放大后可查看任何部分的完整细节。",
    ),
    "this_picture": ("This picture", "这张图片"),
    "as_is": ("Enlarge it as it is", "按原样放大"),
    "as_is_info": (
        "Otherwise it is reduced first, so that the results can be measured against it.",
        "否则先把图片缩小，这样结果就能与它对照。",
    ),
    "figures_meaning": (
        "PSNR says how close the brightness is to the original, in decibels: more is better, and 1 dB more is a fifth "
        "less squared error. SSIM says how alike the structures are: 1 is the same picture.",
        "PSNR 以分贝表示亮度与原图的接近程度：越高越好，每高 1 dB，平方误差约减少五分之一。"
        "SSIM 表示结构的相似程度：1 表示完全相同。",
    ),
    "to_enlarge": ("Only want a larger photograph? Go to Enlarge", "只想放大照片？前往“放大”"),
    "against_truth": ("Against the ground truth", "与原图相比"),
    "gain": ("Gain", "提升"),
    "made_by": (
        "{model}. {width} × {height} pixels in {seconds:.2f} s on {device}.",
        "{model}。{width} × {height} 像素，用时 {seconds:.2f} 秒，设备：{device}。",
    ),
    "protocol": ("How it is measured", "测量方法"),
    "protocol_text": (
        "The photograph is the ground truth. It is cut to a multiple of the scale, reduced by MATLAB's bicubic "
        "`imresize`, enlarged again by bicubic and by the network, and both results are measured against it.\n\n"
        "PSNR and SSIM are those of the papers: luminance only (BT.601, 16 to 235, rounded), a border as wide as the "
        "scale left out, SSIM with a Gaussian window of 11 × 11. The colours are bicubic in both results. With this "
        "protocol the weights that the SRCNN authors released give the figures of their papers.",
        "照片本身就是原图（真值）：先裁剪到放大倍数的整数倍，用 MATLAB 的双三次 `imresize` 缩小，"
        "再分别用双三次插值和所选网络放大，两个结果都与原图比较。\n\n"
        "PSNR 和 SSIM 按论文的方法计算：只用亮度（BT.601，16–235，取整），四周去掉与倍数同宽的边框，"
        "SSIM 使用 11 × 11 高斯窗。两个结果的色度都是双三次插值。按这一方法，SRCNN 作者发布的权重给出论文中的数值。",
    ),
    "detail_text": (
        "## A closer look\nDrag the square on the picture to where you want to look; pixels are magnified as they are.",
        "## 细看局部\n把图上的方框拖到想看的位置。像素按原样放大，不做平滑。",
    ),
    "detail_choose": ("Where to look", "查看位置"),
    "detail_square": ("The detail: move it with the arrow keys", "局部位置：可用方向键移动"),
    "detail_side": ("Size of the detail, pixels", "局部大小（像素）"),
    "error_maps": ("Where they are wrong: error maps", "误差在哪里：误差图"),
    "errors_text": (
        "How far the luminance is from the truth, in one scale of colours for both: black is no error.",
        "亮度与原图的差距，两幅图使用同一色标：黑色表示没有误差。",
    ),
    "error_of": ("Error of {kind}", "{kind} 的误差"),
    "losses_text": (
        "## All losses at once\nThe same picture by SRCNN 9-1-5 trained with each loss: what one gains in PSNR, and "
        "what one pays for sharpness.",
        "## 同时比较所有损失函数\n同一张图片，由用不同损失函数训练的 SRCNN 9-1-5 放大："
        "看看 PSNR 的得失，以及锐利的代价。",
    ),
    "losses_start": ("Compare all losses", "比较所有损失函数"),
    "losses_none": ("There is no SRCNN 9-1-5 for x{scale} here.", "这里没有 x{scale} 的 SRCNN 9-1-5。"),
    "losses_plot": ("PSNR of each loss against how alike the pictures look", "各损失函数的 PSNR 与视觉相似度"),
    "loss_column": ("Trained with", "训练所用的损失"),
    "distance_column": ("Perceptual distance", "感知距离"),
    # Models
    "models_hint": (
        "Each variant is a network of its own, trained with one loss for one scale; where it is for several, it has a "
        "row for each. The app runs exactly these weights. PSNR (dB) and SSIM are those of its model card: luminance, "
        "the mean over a test set. The time is this server's, measured while you look. Click a column's head to sort.",
        "每个模型都是独立的网络，用一种损失函数、针对一个放大倍数训练；适用于多个倍数的，每个倍数占一行。"
        "本应用运行的正是这些权重。PSNR（dB）和 SSIM 取自各模型卡：只计亮度，为测试集上的平均值。"
        "用时是在本服务器上的用时，在您查看时测量。点击表头可排序。",
    ),
    "models_every_scale": ("all", "全部"),
    "models_table": ("The variants and their figures", "各模型及其指标"),
    "models_variant": ("Variant", "模型"),
    "models_network": ("Network", "网络"),
    "models_scale": ("Scale", "倍数"),
    "models_loss": ("Loss", "损失函数"),
    "models_parameters": ("Parameters", "参数量"),
    "models_work": ("<small>per pixel</small> Multiply-adds", "<small>每像素</small>乘加次数"),
    "models_time": ("<small>per megapixel</small> Time", "<small>每百万像素</small>用时"),
    "models_size": ("KB", "大小 (KB)"),
    "models_from": ("From", "来源"),
    "models_origin": ("{repository} at {commit}", "{repository}，提交 {commit}"),
    "models_authors": ("Authors, {pictures}", "原作者，{pictures}"),
    "models_authors_page": ("their page", "原作者主页"),
    "models_refresh": ("Check the Hub for newer variants", "检查 Hub 上是否有更新"),
    "models_gain_text": (
        "## Gain over bicubic\nPSNR above that of bicubic interpolation, in dB. Blue: the variants, SRCNN 9-1-5 by its "
        "loss alone. Grey: the weights that the authors of SRCNN released.",
        "## 相对双三次插值的提升\nPSNR 比双三次插值高出多少 dB。蓝色：各模型，其中 SRCNN 9-1-5 只标损失函数。"
        "灰色：SRCNN 作者发布的权重。",
    ),
    "models_test": ("Test set", "测试集"),
    "models_gain_alt": (
        "PSNR gain over bicubic on {test} at x{scale}; the largest: {best}",
        "{test} 上 x{scale} 相对双三次插值的 PSNR 提升；最大：{best}",
    ),
    "models_one": ("One variant", "单个模型"),
    "models_one_text": (
        "## One variant\nThe code needs this package; its first line says how to install it.",
        "## 单个模型\n代码需要本软件包，第一行写明如何安装。",
    ),
    "models_shell": ("Command line", "命令行"),
    "models_download": ("Download the weights", "下载权重"),
    "models_curves": ("How the training went", "训练过程"),
    "models_no_curves": ("The weights do not say how their training went.", "权重文件中没有训练过程的记录。"),
    "models_crops": ("What it does to a detail", "对一处局部的效果"),
    # Enlarge
    "pictures": ("Pictures", "图片"),
    # Gradio's own that it has no text for: of its file list, and what a screen reader says when a job is done or waits
    "common.upload": ("Add files", "添加文件"),
    "common.complete": ("Done.", "已完成。"),
    "status.queue_position": ("In queue: {position} of {size}", "排队中：第 {position} 位，共 {size} 位"),
    "which": ("Picture on the slider", "滑块中显示的图片"),
    "note": ("Note", "说明"),
    "enlarge_hint": (
        "Choose one or several pictures and press Enlarge, or try an example. The download is a PNG that keeps "
        "transparency, 16-bit depth, colour profile and EXIF.",
        "选择一张或多张图片，然后点击“放大”；也可以试试示例。"
        "下载得到的 PNG 保留透明度、16 位深度、色彩配置文件和 EXIF。",
    ),
    "enlarging": ("Picture {number} of {total}", "第 {number} 张，共 {total} 张"),
    "became": ("{sizes} pixels.", "{sizes} 像素。"),
    "all_became": ("{n} pictures are enlarged.", "已放大 {n} 张图片。"),
    "too_many": (
        "These are {n} pictures, the limit here is {limit} at once; remove some of them.",
        "这里有 {n} 张图片，一次最多 {limit} 张；请移除一些。",
    ),
    "download_png": ("Download PNG", "下载 PNG"),
    "download_zip": ("Download ZIP", "下载 ZIP"),
} | LEARN
WORDS |= TRAIN
